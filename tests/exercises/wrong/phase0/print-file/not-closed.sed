# Expected: the ring was not closed
/io_uring_queue_exit/d
