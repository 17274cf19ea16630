# Expected: the head moved before the CQE was read
/cq_head, head + 1, memory_order_release/d
s/^    \*cqe = .*/    atomic_store(ring->cq_head, head + 1);\n&/
