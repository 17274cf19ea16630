# Expected: tail & sq_mask
s/tail & ring->sq_mask/tail \& ring->cq_mask/
