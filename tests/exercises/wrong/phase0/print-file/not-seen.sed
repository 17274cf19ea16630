# Expected: the CQE was not marked as seen
/io_uring_cqe_seen/d
