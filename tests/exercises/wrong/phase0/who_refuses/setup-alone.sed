# Expected: EPERM from set-up does not say who refuses
/SYS_io_uring_enter/,/REFUSED_BY_FILTER/d
s/return REFUSED_BY_KERNEL/return errno == ENOSYS ? NO_SUCH_CALL : REFUSED_BY_FILTER/
