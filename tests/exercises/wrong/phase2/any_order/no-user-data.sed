# Expected: no read has a user_data
/io_uring_sqe_set_data64/d
