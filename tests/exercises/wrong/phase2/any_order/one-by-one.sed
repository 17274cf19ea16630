# Expected: submit all, then wait
# Hangs
s/^        io_uring_sqe_set_data64(sqe, i);/&\n        io_uring_submit_and_wait(ring, 1);/
