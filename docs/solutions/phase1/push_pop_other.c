/* push_pop: the same as push_pop.c, in another way: with C11's default order,
 * which is stronger than needed, and with SQEs that are used from the last to
 * the first. The array makes that possible. */
#include <string.h>

#include "push_pop.h"

bool raw_push(struct raw_ring *ring, const struct io_uring_sqe *sqe)
{
    uint32_t tail = *ring->sq_tail, entries = ring->sq_mask + 1;
    uint32_t slot = tail % entries, index = ring->sq_mask - slot;

    if (*ring->sq_head + entries == tail)
        return false;
    memcpy(&ring->sqes[index], sqe, sizeof *sqe);
    ring->sq_array[slot] = index;
    ++*ring->sq_tail;
    return true;
}

bool raw_pop(struct raw_ring *ring, struct io_uring_cqe *cqe)
{
    const struct io_uring_cqe *oldest;

    if (*ring->cq_tail == *ring->cq_head)
        return false;
    oldest = &ring->cqes[*ring->cq_head % (ring->cq_mask + 1)];
    cqe->user_data = oldest->user_data;
    cqe->res = oldest->res;
    cqe->flags = oldest->flags;
    ++*ring->cq_head;
    return true;
}
