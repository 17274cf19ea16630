# Expected: was not a multishot one
s/io_uring_prep_multishot_accept/io_uring_prep_accept/
