# Expected: the ring was not closed
s/^    struct io_uring ring;/    static struct io_uring ring;/
/io_uring_queue_exit/d
