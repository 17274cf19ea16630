# Expected: the ring was not closed
/close(ring);/d
