/* batch_ring.h: the ring of batch and the memory that its operations use.
 * Introduced in phase 2. Needs: batch.h. */
#ifndef ONE_RING_BATCH_RING_H
#define ONE_RING_BATCH_RING_H

#include "batch.h"

#define BATCH_CHAIN_MAX 3u /* the longest chain that a mode starts with */

/* Makes a ring for b->window places with at most sq entries (0: enough for
 * all), and lowers the window where memory or descriptors demand it. Returns 0
 * or -errno; on failure nothing is left. */
int batch_ring_init(struct batch *b, unsigned sq);

/* Returns an SQE marked (place, step) and counts it as in flight. Never NULL: a
 * full SQ is submitted first. Flags and fields are for the caller's prep. */
struct io_uring_sqe *batch_sqe(struct batch *b, unsigned place,
                               enum batch_step step);

/* Makes sure that the next count SQEs go out in one submit: a chain ends where
 * a submit ends. */
void batch_reserve(struct batch *b, unsigned count);

/* Submits all and waits for one completion at least. Returns 0 or -errno. */
int batch_enter(struct batch *b);

/* memory.c: a place's memory, which is one buffer or several. */
size_t batch_capacity(const struct batch *b);
void batch_take(struct batch *b, unsigned *slots);
void batch_release(struct batch *b, const unsigned *slots);
void batch_lend(struct batch *b, const unsigned *slots);
void batch_reclaim(struct batch *b, const unsigned *slots);
bool batch_is_mine(const struct batch *b, const unsigned *slots);

/* Lists the bytes [from, to) of a place's memory, for readv and writev. Returns
 * the number of entries, at most b->pieces. */
unsigned batch_list(const struct batch *b, const unsigned *slots, size_t from,
                    size_t to, struct iovec *list);

#endif
