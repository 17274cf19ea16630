# Expected: done was called before the CQE
/            done(cqe->user_data);/d
s/            io_uring_sqe_set_data64(sqe, begun++);/            done(begun);\n&/
