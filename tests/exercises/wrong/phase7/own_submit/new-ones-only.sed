# Expected: two SQEs were left in the queue
s/^    atomic_store_explicit(queue->tail.*/    head = atomic_load(queue->tail);\n&/
s/^    head = atomic_load_explicit(queue->head, memory_order_acquire);$//
