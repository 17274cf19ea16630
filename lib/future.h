/* future.h: a result that is not here yet.
 * Introduced in phase 3. Needs: task.h.
 *
 *     future_wait()  --parks-->  [ waiting ]  --future_complete()-->  done
 *
 * Rules
 *  - One operation, one future, one waiter. It usually lives on the stack of
 *    the task that waits for it; that is safe because the task cannot leave the
 *    frame before the result is in.
 *  - While a submitted SQE carries its handle, the future belongs to the
 *    kernel: do not move, reuse or forget it.
 *  - Completing it twice is a mistake of the program, and asserted. */
#ifndef ONE_RING_FUTURE_H
#define ONE_RING_FUTURE_H

#include <assert.h>
#include <stdbool.h>

#include "task.h"

/* Zeroed: pending. */
struct future {
    struct task *waiter; /* borrowed: parked here, or NULL */
    int result;          /* valid once done: >= 0 or -errno */
    bool is_done;
};

/* Suspends the current task until the future is done; returns at once if it is.
 *
 * Returns its result; or -ECANCELED or -ETIME if the task was cancelled or its
 * deadline passed first: the future is pending then, and may be waited for
 * again. Do not let go of one that somebody may still complete. */
int future_wait(struct future *future);

/* The same, but what is waited for must be told when the task is interrupted,
 * and completes the future itself: wait->interrupt sees to that. So this
 * returns only when the future is done.
 *
 * Inline, since every return after a switch costs what the switch itself costs:
 * the processor predicts returns from the calls that it saw, and those were
 * another task's. */
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

/* Stores the result and makes the waiter ready to run. Does not suspend, and
 * does not run the waiter: when to run it is the scheduler's decision. */
void future_complete(struct future *future, int result);

#endif
