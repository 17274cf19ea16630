/* batch_ring.h: the ring of batch.
 * Introduced in phase 2. Needs: counts.h.
 *
 * Rules
 *  - Call batch_ring_reserve before the first SQE of a chain.
 *  - Fill each SQE before you request the next one.
 *  - After a failed batch_ring_enter the kernel may still own buffers. Do not
 *    free the ring or the buffers; end the process. */
#ifndef PHASE2_BATCH_RING_H
#define PHASE2_BATCH_RING_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "counts.h"

#define BATCH_RING_CHAIN_MAX 3u /* the longest chain that a mode starts */

struct batch_ring {
    struct io_uring uring;
    struct io_uring_sqe discarded; /* returned after a failed enter */
    struct counts *counts; /* borrowed */
    bool is_serial;        /* at most one operation in flight */
    unsigned in_flight;    /* SQEs that have no CQE yet */
    int result;            /* 0, or the -errno of a failed enter */
};

/* Sets up a ring for *window files at a time, with sq entries (0: enough for
 * all). Lowers *window if there is not enough memory or too few descriptors.
 * is_direct means that files are opened into the ring's table. Set counts and
 * is_serial before the call.
 *
 * Returns 0       the ring can be used
 *         -errno  set-up failed; there is nothing to release */
int batch_ring_init(struct batch_ring *ring, unsigned sq, unsigned *window,
                    bool is_direct);

/* Returns a zeroed SQE with this user_data and counts it as in flight. Submits
 * first if the SQ is full, so the result is never NULL. */
struct io_uring_sqe *batch_ring_sqe(struct batch_ring *ring, uint64_t data);

/* Submits all queued SQEs if fewer than count SQEs are free, so that the next
 * count SQEs are submitted together. Call it before a chain, because a submit
 * in the middle would end the chain. */
void batch_ring_reserve(struct batch_ring *ring, unsigned count);

/* Returns true if the ring is serial and its one operation is in flight. */
bool batch_ring_is_busy(const struct batch_ring *ring);

/* Submits everything and waits for at least one completion. Returns 0 or
 * -errno. */
int batch_ring_enter(struct batch_ring *ring);

#endif
