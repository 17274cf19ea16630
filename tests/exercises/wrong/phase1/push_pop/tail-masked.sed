# Expected: only the slot is masked
s/sq_tail, tail + 1,/sq_tail, (tail + 1) \& ring->sq_mask,/
