# Expected: take all that are there, not only one
s/        while (io_uring_peek_cqe(ring, &cqe) == 0)/        if (io_uring_peek_cqe(ring, \&cqe) == 0)/
