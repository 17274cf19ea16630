# Expected: a signal does not count
s/while (io_uring_peek/if (io_uring_peek/
