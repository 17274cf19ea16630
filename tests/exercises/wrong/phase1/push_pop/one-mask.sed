# Expected: it has its own mask, cq_mask
s/head & ring->cq_mask/head \& ring->sq_mask/
