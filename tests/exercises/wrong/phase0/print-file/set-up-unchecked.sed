# Expected: look at the result of io_uring_queue_init
/result = io_uring_queue_init/{
s/result = /(void)/
n
N
d
}
