/* mutex.h: excludes other tasks, also while its owner waits.
 * Introduced in phase 3. Needs: waiters.h.
 *
 * Between two suspensions nobody else runs, so most of what threads lock needs
 * no lock here. A mutex is for what must stay together although there is an
 * await_... in its middle: a request and its answer on one connection.
 *
 * Rules
 *  - It has an owner. Only the owner unlocks, and the owner does not lock it
 *    again: both are asserted.
 *  - Do unlock before the task ends. */
#ifndef ONE_RING_MUTEX_H
#define ONE_RING_MUTEX_H

#include "waiters.h"

/* Zeroed: unlocked. Tasks of one thread only. */
struct mutex {
    struct task *owner; /* borrowed; NULL: unlocked */
    struct queue line;  /* of struct waiter */
};

/* Suspends until the mutex is this task's; first come, first served. Returns 0;
 * or -ECANCELED or -ETIME, and it is not locked. If it is free this does not
 * suspend. */
int mutex_await_lock(struct mutex *mutex);

/* Hands it to who waits longest. Does not suspend. */
void mutex_unlock(struct mutex *mutex);

#endif
