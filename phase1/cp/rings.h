/* rings.h: a ring that handles signals, lack of memory and a full queue.
 *
 * cp-uring has two such rings, one for big files (pump.c) and one for many
 * small files (cp_batch.c).
 *
 * Rules
 *  - Do not have more operations in flight than the ring has entries. Then the
 *    submission queue is never full, and the completion queue, which is twice
 *    as long, cannot overflow.
 *  - Do not close a file, unmap a buffer or exit while in_flight > 0. */
#ifndef PHASE1_CP_RINGS_H
#define PHASE1_CP_RINGS_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "stats.h"

struct cp_ring {
    struct io_uring uring;
    struct stats *stats; /* borrowed */
    unsigned in_flight;  /* operations queued or submitted, not complete */
};

/* Creates a ring in the cheapest completion mode that the kernel supports.
 * Returns 0 or -errno. */
int rings_init(struct cp_ring *ring, unsigned entries, struct stats *stats);
void rings_finish(struct cp_ring *ring);

/* Returns an SQE to prepare, never NULL. Call io_uring_prep_* first, and then
 * rings_tag. The completion carries the tag. */
struct io_uring_sqe *rings_sqe(struct cp_ring *ring);
void rings_tag(struct io_uring_sqe *sqe, uint64_t tag);

/* Submits all entries, and waits for count completions or a signal.
 *
 * Returns  0       reap completions with rings_next; there may be none
 *          -errno  the ring has failed, and no more completions will arrive. Do
 *                  not reuse or free the buffers in flight. */
int rings_wait(struct cp_ring *ring, unsigned count);

/* Takes one completion. Returns false if there is none. */
bool rings_next(struct cp_ring *ring, uint64_t *tag, int *result);

/* Returns true if the operation with this result must be repeated. Counts the
 * retry. */
bool rings_is_retry(struct cp_ring *ring, int result);

#endif
