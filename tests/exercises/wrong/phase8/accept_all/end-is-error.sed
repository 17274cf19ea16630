# Expected: the end of a multishot request is no error
s/^        io_uring_cqe_seen(ring, cqe);/&\n        if (!is_armed \&\& got < count)\n            return -EPIPE;/
