/* push_pop: push an SQE and pop a CQE, on the rings themselves.
 *
 * What it teaches: in both functions the index moves last. Until then the slot
 * is ours; afterwards it is the kernel's. */
#include "push_pop.h"

bool raw_push(struct raw_ring *ring, const struct io_uring_sqe *sqe)
{
    uint32_t tail = atomic_load_explicit(ring->sq_tail, memory_order_relaxed);
    uint32_t head = atomic_load_explicit(ring->sq_head, memory_order_acquire);
    uint32_t slot = tail & ring->sq_mask;

    if (tail - head > ring->sq_mask)
        return false;
    ring->sqes[slot] = *sqe;
    ring->sq_array[slot] = slot;
    atomic_store_explicit(ring->sq_tail, tail + 1, memory_order_release);
    return true;
}

bool raw_pop(struct raw_ring *ring, struct io_uring_cqe *cqe)
{
    uint32_t head = atomic_load_explicit(ring->cq_head, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(ring->cq_tail, memory_order_acquire);

    if (head == tail)
        return false;
    *cqe = ring->cqes[head & ring->cq_mask];
    atomic_store_explicit(ring->cq_head, head + 1, memory_order_release);
    return true;
}
