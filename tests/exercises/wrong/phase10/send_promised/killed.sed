# Expected: use io_uring_prep_send with MSG_NOSIGNAL
s/io_uring_prep_send(/io_uring_prep_write(/
s/MSG_NOSIGNAL/0/
