# Expected: an index is not the number of a read
s/io_uring_sqe_set_data64(sqe, i)/io_uring_sqe_set_data(sqe, bufs[i])/
