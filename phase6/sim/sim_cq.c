/* sim_cq.c: completions, and those that find the CQ full; see sim_ring.h.
 *
 * What it teaches: the kernel loses no completion, but it delays those that do
 * not fit. A later enter moves them to the CQ. While there are some, a
 * multishot operation ends instead of posting one more. */
#include "sim_ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim_check.h"
#include "sim_event.h"
#include "sim_pick.h"

unsigned ring_ready_count(const struct sim_ring *ring)
{
    return ring->shared->cq_tail - ring->shared->cq_head;
}

/* Kept CQEs count, because they are older than any new one. */
bool ring_is_full(const struct sim_ring *ring)
{
    return ring->overflow_count > 0 ||
           ring_ready_count(ring) == ring->shared->cq_entries;
}

/* The program reads the entry only after it has read the new tail. */
static void store(struct sim_ring *ring, const struct io_uring_cqe *cqe)
{
    struct io_uring_cqe *slot =
        &ring->cqes[ring->shared->cq_tail & ring->shared->cq_mask];

    slot->user_data = cqe->user_data;
    slot->res = cqe->res;
    slot->flags = cqe->flags;
    ring->shared->cq_tail++;
}

/* The program turns signals off while it looks at the CQ anyway. */
void ring_signal(struct sim_ring *ring, bool is_nested)
{
    if (ring->eventfd == NULL ||
        (ring->shared->cq_flags & IORING_CQ_EVENTFD_DISABLED))
        return;
    if (is_nested)
        event_signal_nested(ring->eventfd);
    else
        event_signal(ring->eventfd);
}

/* If there are kept CQEs, a new one must not overtake them. Their list is
 * allocated because, as in the kernel, it has no limit. */
void ring_post(struct sim_ring *ring, uint64_t user_data, int result,
               uint32_t flags)
{
    struct io_uring_cqe cqe;
    unsigned capacity = ring->overflow_capacity; /* it only grows */

    cqe.user_data = user_data;
    cqe.res = result;
    cqe.flags = flags;
    check_trace("CQE %#llx res %d flags %#x%s", (unsigned long long)user_data,
                result, flags, ring_is_full(ring) ? ", kept" : "");
    pick_note(user_data ^ (uint32_t)result ^ (uint64_t)flags << 32);
    if (!ring_is_full(ring)) {
        store(ring, &cqe);
        ring_signal(ring, false);
        return;
    }
    if (ring->overflow_count == capacity) {
        capacity = capacity == 0 ? 16 : 2 * capacity;
        ring->overflow = realloc(ring->overflow,
                                 capacity * sizeof *ring->overflow);
        assert(ring->overflow != NULL);
        ring->overflow_capacity = capacity;
    }
    memcpy(&ring->overflow[ring->overflow_count++], &cqe, sizeof cqe);
    ring->shared->sq_flags |= IORING_SQ_CQ_OVERFLOW;
    ring_signal(ring, false);
}

/* In their order: the oldest first. */
void ring_flush_overflow(struct sim_ring *ring)
{
    unsigned count = 0;

    if (ring->overflow_count == 0)
        return;
    while (count < ring->overflow_count &&
           ring_ready_count(ring) < ring->shared->cq_entries)
        store(ring, &ring->overflow[count++]);
    ring->overflow_count -= count;
    memmove(ring->overflow, ring->overflow + count,
            ring->overflow_count * sizeof *ring->overflow);
    if (ring->overflow_count == 0)
        ring->shared->sq_flags &= ~IORING_SQ_CQ_OVERFLOW;
}
