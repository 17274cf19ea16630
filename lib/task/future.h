/* future.h: a result that is not there yet.
 * Introduced in phase 3. Needs: queue.h, task.h.
 *
 *     future_wait()   --parks-->  [ waiting ]  --future_complete()-->  done
 *     future_watch()  --------->  [ watching ]        "         --->  told
 *
 * A result >= 0 is what was wanted, one below 0 the -errno of a failure. Any
 * number of tasks may wait for a future, and any number of functions be called
 * when it is done.
 *
 * Rules
 *  - A future usually lives on the stack of the task that waits for it; that is
 *    safe because the task cannot leave the frame before the result is in. One
 *    that several wait for belongs to somebody who keeps it until it has been
 *    completed, or nobody waits. Who still waited then does not look at it.
 *  - While a submitted SQE carries its handle, the future belongs to the
 *    kernel: do not move, reuse or forget it.
 *  - Completing it twice is a mistake of the program, and asserted. */
#ifndef ONE_RING_FUTURE_H
#define ONE_RING_FUTURE_H

#include <assert.h>
#include <stdbool.h>

#include "queue.h"
#include "task.h"

/* Zeroed: pending. */
struct future {
    union {
        struct task *waiter;          /* borrowed: parked here, or NULL */
        struct future_watch *watches; /* if is_watched; the newest first */
    };
    int result; /* valid once done: >= 0 or -errno */
    bool is_done;
    bool is_watched;
};

/* A function to call when a future is done. The caller owns it, and does not
 * move it until it was called or future_unwatch. */
struct future_watch {
    /* Set by the caller. Called once. May watch and complete other futures, and
     * free or reuse the watch; must not suspend. */
    void (*done)(struct future_watch *watch, int result);
    struct future *future; /* borrowed: that is watched; NULL: none */
    struct future_watch *next; /* borrowed: watches the same future */
    struct queue_node node;    /* among those to be called, if is_called */
    int result;                /* valid from then on */
    bool is_called;
};

/* Suspends the current task until the future is done; returns at once if it is.
 *
 * Returns its result; or -ECANCELED or -ETIME if the task was cancelled or its
 * deadline passed first: the future is pending then, and may be waited for
 * again. Do not free one that may still be completed. */
int future_wait(struct future *future);

/* The same for a future that one task waits for and nobody watches, an
 * operation's for example, where what is waited for must be told when the task
 * is interrupted, and completes the future itself: wait->interrupt sees to
 * that. So this returns only when the future is done.
 *
 * Inline, since every operation of every task comes this way. */
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

/* Has watch->done called when the future is done: before this returns, if it is
 * done already; but after the function of another watch, if this is called
 * there. Does not suspend. */
void future_watch(struct future *future, struct future_watch *watch);

/* Takes a watch back: it will not be called. One that was, or that never
 * watched, is left alone. O(number of watches of the future). */
void future_unwatch(struct future_watch *watch);

/* Stores the result, makes who waits ready to run, and calls who watches, in
 * the order in which they came. Does not suspend, and does not run a waiter:
 * when to run it is the scheduler's decision. A watch that completes another
 * future does not nest: the watches of that one are called after these. */
void future_complete(struct future *future, int result);

#endif
