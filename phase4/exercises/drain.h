/* drain.h: a ring in an event loop that is not ours.
 *
 * An exercise of phase 4; see phase4/exercises/README.md. */
#ifndef DRAIN_H
#define DRAIN_H

#include <liburing.h>

/* The host calls this when event is readable. event is a non-blocking eventfd,
 * which the kernel signals when it posts completions of the ring. Takes all
 * results, calls use for each, and clears event. Never waits.
 *
 * Afterwards no completion is forgotten: either it was taken, or event is
 * readable. Returns the number of results. */
int drain_ring(struct io_uring *ring, int event,
               void (*use)(uint64_t user_data, int result));

#endif
