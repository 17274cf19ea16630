# Expected: drain_ring must never wait
# Hangs
s/io_uring_peek_cqe/io_uring_wait_cqe/
