# Expected: a full SQ must refuse
/if (tail - head > ring->sq_mask)/,/return false/d
