# Expected: the shared tail has moved before the SQE was filled
s/^    queue->next++;/&\n    atomic_store(queue->tail, queue->next);/
