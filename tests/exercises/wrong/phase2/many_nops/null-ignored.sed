# Expected: io_uring_get_sqe returns NULL if the SQ is full
s/while (begun < count && (sqe = io_uring_get_sqe(ring)) != NULL) {/while (begun < count) {\n            sqe = io_uring_get_sqe(ring);/
