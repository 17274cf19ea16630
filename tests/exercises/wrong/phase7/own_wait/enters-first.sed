# Expected: a result that is there needs no system call
s/^    while (!take(results, cqe)) {/    syscall(SYS_io_uring_enter, results->ring_fd, 0, 0, IORING_ENTER_GETEVENTS, NULL, 0);\n&/
