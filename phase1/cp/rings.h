/* rings.h: a ring that survives signals, lack of memory and a full queue.
 *
 * Rules
 *  - Have no more operations in flight than the ring has entries: then the
 *    submission queue is never full, and the completion queue, twice as long,
 *    cannot overflow.
 *  - Nothing is closed, unmapped or left while in_flight > 0. */
#ifndef PHASE1_CP_RINGS_H
#define PHASE1_CP_RINGS_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "stats.h"

struct cp_ring {
    struct io_uring uring;
    struct stats *stats;      /* borrowed: where it counts */
    unsigned in_flight;       /* prepared or submitted, and not yet complete */
};

/* Makes a ring, with the cheapest way to complete that the kernel has. Returns
 * 0 or -errno. */
int rings_init(struct cp_ring *ring, unsigned entries, struct stats *stats);
void rings_finish(struct cp_ring *ring);

/* An entry to be prepared, and the tag that its completion will carry. The tag
 * comes after io_uring_prep_*, which sets it to 0. Never NULL. */
struct io_uring_sqe *rings_sqe(struct cp_ring *ring);
void rings_tag(struct io_uring_sqe *sqe, uint64_t tag);

/* Submits all and waits for count completions, or for a signal. Returns 0, or
 * -errno when the ring is beyond use: then completions never come, and the
 * program has to end without touching what is in flight. */
int rings_wait(struct cp_ring *ring, unsigned count);

/* Takes a completion, if there is one. */
bool rings_next(struct cp_ring *ring, uint64_t *tag, int *result);

/* Whether an operation that gave result is to be tried again; counts it. */
bool rings_is_retry(struct cp_ring *ring, int result);

#endif
