# Expected: no CQE was marked as seen
/^        io_uring_cqe_seen/d
