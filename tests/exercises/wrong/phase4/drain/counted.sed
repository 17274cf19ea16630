# Expected: a result was used twice
/io_uring_cqe_seen/d
s/while (io_uring_peek/while (count < 11 \&\& io_uring_peek/
