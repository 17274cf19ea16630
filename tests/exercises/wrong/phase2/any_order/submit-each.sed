# Expected: one call submits them all
s/^        io_uring_sqe_set_data64(sqe, i);/&\n        io_uring_submit(ring);/
