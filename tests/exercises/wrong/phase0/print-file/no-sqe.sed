# Expected: sqe is from io_uring_get_sqe
s/sqe = io_uring_get_sqe(&ring);/sqe = NULL;/
