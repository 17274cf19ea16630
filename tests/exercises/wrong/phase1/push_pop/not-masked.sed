# Expected: the slot is index & mask
s/head & ring->cq_mask/head/
