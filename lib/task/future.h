/* future.h: a result that may not be available yet.
 * Introduced in phase 3. Needs: queue.h, task.h.
 *
 *     future_wait()   --parks-->  [ waiting ]  --future_complete()-->  done
 *     future_watch()  --------->  [ watching ]        "         --->  called
 *
 * A result is >= 0 for success, or the -errno of a failure. Any number of tasks
 * may wait for a future, and any number of watches (callbacks) may be
 * registered for it.
 *
 * Rules
 *  - A future is usually on the stack of the task that waits for it. That is
 *    safe as long as the task does not leave the frame before the result
 *    arrives. If several tasks wait for a future, keep it until it is completed
 *    or no task waits. future_wait does not access the future after it has been
 *    completed.
 *  - Do not move, reuse or free a future while its operation is in flight.
 *  - Complete a future only once (asserted). */
#ifndef ONE_RING_FUTURE_H
#define ONE_RING_FUTURE_H

#include <assert.h>
#include <stdbool.h>

#include "queue.h"
#include "task.h"

/* A zeroed future is pending. */
struct future {
    union {
        struct task *waiter;          /* borrowed: the parked task, or NULL */
        struct future_watch *watches; /* if is_watched; newest first */
    };
    int result; /* valid once done: >= 0 or -errno */
    bool is_done;
    bool is_watched;
};

/* A callback for the completion of a future. The caller owns the watch, and
 * must not move it until it is called or removed by future_unwatch. */
struct future_watch {
    /* Set by the caller. Called once. It may watch and complete other futures.
     * It may free or reuse the watch. It must not suspend. */
    void (*done)(struct future_watch *watch, int result);
    struct future *future; /* borrowed: the watched future, or NULL */
    struct future_watch *next; /* borrowed: next watch of the future */
    struct queue_node node;    /* in the call queue while is_called */
    int result;                /* valid once is_called was set */
    bool is_called;
};

/* Suspends the current task until the future is done. Does not suspend if it is
 * done already. After an interruption the future is still pending: do not free
 * it. A task may wait for it again.
 *
 * Returns >= 0        the future's result
 *         -errno      the future's result
 *         -ECANCELED  the task was cancelled first
 *         -ETIME      the task's deadline passed first */
int future_wait(struct future *future);

/* Suspends the current task until the future is done, even if the task is
 * interrupted. If it is interrupted, the scheduler calls wait->interrupt, which
 * must make the operation end soon. The end of the operation completes the
 * future. If wait is NULL, an interruption stays pending. The future must have
 * no other waiter and no watch. Returns the future's result.
 *
 * This function is inline because every operation calls it. */
static inline int future_wait_until_done(struct future *future,
                                         struct task_wait *wait)
{
    assert(future->waiter == NULL);
    if (!future->is_done) {
        future->waiter = task_current();
        task_park(wait);
    }
    assert(future->is_done);
    return future->result;
}

/* Registers watch, whose function is called when the future is done. If the
 * future is done already, calls the function before returning. There is one
 * exception: if the function of another watch calls future_watch, the new watch
 * is called after that function has returned. Does not suspend. */
void future_watch(struct future *future, struct future_watch *watch);

/* Removes watch. Its function is not called after this returns. Does nothing if
 * watch was called or never registered. Takes O(n) time for n watches of the
 * future. */
void future_unwatch(struct future_watch *watch);

/* Stores the result, makes the waiters ready and calls the watches, in the
 * order of their registration. Does not suspend. Does not run a waiter, because
 * only the scheduler runs tasks. If a watch completes another future, the
 * watches of that future are called after the watches of this one. */
void future_complete(struct future *future, int result);

#endif
