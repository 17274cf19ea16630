# Expected: the tail moved before the SQE was filled
/sq_tail, tail + 1, memory_order_release/d
s/^    ring->sqes\[slot\] = \*sqe;/    ring->sq_array[slot] = slot;\n    atomic_store(ring->sq_tail, tail + 1);\n&/
