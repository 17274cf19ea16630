# Expected: the thread did not sleep
# Hangs
s/io_uring_wait_cqe/io_uring_peek_cqe/
s/result == -EINTR/result == -EAGAIN/
