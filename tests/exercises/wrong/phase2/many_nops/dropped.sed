# Expected: a nop was dropped
s/while (begun < count && (sqe = io_uring_get_sqe(ring)) != NULL) {/while (begun < count) {\n            sqe = io_uring_get_sqe(ring);\n            if (sqe == NULL) {\n                begun++;\n                ended++;\n                continue;\n            }/
