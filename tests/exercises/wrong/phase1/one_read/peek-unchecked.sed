# Expected: a wait that a signal ends sets no CQE
s/result = io_uring_submit(ring);/result = io_uring_submit_and_wait(ring, 1);/
s/result = io_uring_wait_cqe(ring, &cqe);/io_uring_peek_cqe(ring, \&cqe);\n        result = 0;/
