# Expected: a read that fails is a result
s/^        io_uring_cqe_seen(ring, cqe);/&\n        if (results[3] == -9)\n            return -9;/
