# Expected: EPERM there is a filter's
s/return errno == ENOSYS ? NO_SUCH_CALL : REFUSED_BY_FILTER/return NO_SUCH_CALL/
