# Expected: take results between submits
s/^        rc = io_uring_submit_and_wait(ring, 1);/        rc = io_uring_submit(ring);/
s/^        while (io_uring_peek_cqe(ring, &cqe) == 0) {/        while (begun == count \&\& io_uring_peek_cqe(ring, \&cqe) == 0) {/
