# Expected: as with the address &i
s/io_uring_sqe_set_data64(sqe, i)/io_uring_sqe_set_data(sqe, \&i)/
s/results\[cqe->user_data\]/results[*(unsigned *)io_uring_cqe_get_data(cqe)]/
