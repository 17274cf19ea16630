# Expected: also ask io_uring_enter
/SYS_io_uring_enter/,/REFUSED_BY_FILTER/d
s/^    return REFUSED_BY_KERNEL;/    syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0);\n    if (errno == EBADF)\n        return REFUSED_BY_KERNEL;\n    return errno == ENOSYS ? NO_SUCH_CALL : REFUSED_BY_FILTER;/
