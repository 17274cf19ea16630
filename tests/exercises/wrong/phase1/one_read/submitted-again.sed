# Expected: the read was submitted again
s/    do {/&\n        if (result == -EINTR) {\n            io_uring_prep_read(io_uring_get_sqe(ring), pipe, buf, len, 0);\n            io_uring_submit(ring);\n        }/
