# Expected: results are left in the CQ
s/        while (begun < count && (sqe/        for (unsigned n = begun == 0 ? 4 : 1; n-- > 0 \&\& begun < count \&\& (sqe/
s/io_uring_get_sqe(ring)) != NULL) {/io_uring_get_sqe(ring)) != NULL;) {/
s/        while (io_uring_peek_cqe(ring, &cqe) == 0)/        if (io_uring_peek_cqe(ring, \&cqe) == 0)/
