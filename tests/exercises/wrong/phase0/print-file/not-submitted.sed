# Expected: was the SQE submitted?
# Hangs
s/result = io_uring_submit(&ring);/result = 0;/
