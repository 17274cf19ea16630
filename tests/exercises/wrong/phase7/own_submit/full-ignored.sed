# Expected: a full queue has no SQE
/if (queue->next - head/,/return NULL/d
