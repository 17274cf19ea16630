/* mutex.h: a lock that a task may hold while it is suspended.
 * Introduced in phase 3. Needs: waiters.h.
 *
 * Between two suspensions of a task, no other task of its thread runs. So most
 * data that threads would have to lock does not need a lock here. A mutex
 * protects a sequence of steps with an await_... call in the middle, such as
 * sending a request and receiving its response on one connection.
 *
 * Rules
 *  - Only the owner may unlock a mutex, and the owner must not lock it again
 *    (both asserted).
 *  - Unlock before the task ends. */
#ifndef ONE_RING_MUTEX_H
#define ONE_RING_MUTEX_H

#include "waiters.h"

/* A zeroed mutex is unlocked. Use a mutex only within one thread. */
struct mutex {
    struct task *owner; /* borrowed; NULL: unlocked */
    struct queue line;  /* waiters */
};

/* Locks the mutex. Suspends while another task owns it. Tasks get it in the
 * order of their calls.
 *
 * Returns 0           this task owns the mutex
 *         -ECANCELED  the task was cancelled; it does not own the mutex
 *         -ETIME      the deadline passed; it does not own the mutex */
int mutex_await_lock(struct mutex *mutex);

/* Passes the mutex to the task that has waited longest, or unlocks it if no
 * task waits. Does not suspend. */
void mutex_unlock(struct mutex *mutex);

#endif
