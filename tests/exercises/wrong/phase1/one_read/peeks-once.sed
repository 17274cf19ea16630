# Expected: a signal ended io_uring_submit_and_wait
s/result = io_uring_submit(ring);/result = io_uring_submit_and_wait(ring, 1);/
s/result = io_uring_wait_cqe(ring, &cqe);/result = io_uring_peek_cqe(ring, \&cqe);/
