# Expected: one vectored write takes many vectors
s/write_once(ring, fd, vectors, count)/write_once(ring, fd, vectors, 1)/
