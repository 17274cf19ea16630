/* mutex.h: excludes other tasks, also while its owner waits.
 * Introduced in phase 3. Needs: waiters.h.
 *
 * No other task runs between two suspensions, so most data that threads lock
 * needs no lock here. A mutex protects a sequence with an await_... in its
 * middle: a request and its answer on one connection.
 *
 * Rules
 *  - A mutex has an owner. Only the owner unlocks it, and the owner must not
 *    lock it again: both are asserted.
 *  - Unlock before the task ends. */
#ifndef ONE_RING_MUTEX_H
#define ONE_RING_MUTEX_H

#include "waiters.h"

/* Zeroed: unlocked. Tasks of one thread only. */
struct mutex {
    struct task *owner; /* borrowed; NULL: unlocked */
    struct queue line;  /* of struct waiter */
};

/* Locks the mutex. Suspends until it is free, in the order of the calls.
 *
 * Returns 0           this task owns the mutex
 *         -ECANCELED  the task was cancelled; it does not own the mutex
 *         -ETIME      its deadline passed; it does not own the mutex */
int mutex_await_lock(struct mutex *mutex);

/* Passes the mutex to the task that has waited longest, or frees it. Does not
 * suspend. */
void mutex_unlock(struct mutex *mutex);

#endif
