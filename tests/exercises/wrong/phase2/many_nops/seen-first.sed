# Expected: the CQE was read after io_uring_cqe_seen
/^            io_uring_cqe_seen/d
s/^            done(cqe->user_data);/            io_uring_cqe_seen(ring, cqe);\n&/
