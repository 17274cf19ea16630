# Expected: only the slot is masked
s/cq_head, head + 1,/cq_head, (head + 1) \& ring->cq_mask,/
