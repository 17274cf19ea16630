/* handoff.h: a full worker passes its connections to workers with room.
 * Introduced in phase 8. Needs: worker.h.
 *
 * The kernel selects a listener by a hash, even if that listener's worker is
 * full. So a full worker sends fds to workers that have room. It sets is_full
 * first, and then looks for a worker with room. When a slot of a worker becomes
 * free, the worker first adds it to its room, and then looks for workers whose
 * is_full is set. With this order, at least one of the two workers notices the
 * other. */
#ifndef ONE_RING_HANDOFF_H
#define ONE_RING_HANDOFF_H

#include "worker.h"

/* Sets worker->peers, the functions that the worker's server calls when it is
 * full or has room again. Sets the function of the message worker->has_room,
 * too. Does not suspend. */
void handoff_init(struct worker *worker);

#endif
