# Expected: copy all 64 bytes
s/ring->sqes\[slot\] = \*sqe;/ring->sqes[slot].opcode = sqe->opcode; ring->sqes[slot].flags = sqe->flags;\n    ring->sqes[slot].ioprio = sqe->ioprio; ring->sqes[slot].fd = sqe->fd;\n    ring->sqes[slot].user_data = sqe->user_data;/
