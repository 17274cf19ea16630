/* future.c: a result that is not here yet; see future.h.
 * Introduced in phase 3. Needs: future.h.
 *
 * What it teaches: a future is bookkeeping. It joins two sides that do not know
 * each other: the one that waits, and the one that will know. */
#include "future.h"

#include <assert.h>

void future_complete(struct future *future, int result)
{
    assert(!future->is_done);
    future->result = result;
    future->is_done = true;
    if (future->waiter != NULL) {
        struct task *waiter = future->waiter;

        future->waiter = NULL;
        /* Who waits for any of several is ready if another was faster. */
        if (waiter->state == TASK_PARKED)
            task_make_ready(waiter);
    }
}

/* A wait that an interruption simply ends. */
struct future_wait {
    struct task_wait wait;
    struct future *future; /* borrowed */
};

static void stop_waiting(struct task_wait *wait)
{
    struct future_wait *self = container_of(wait, struct future_wait, wait);
    struct future *future = self->future;
    struct task *waiter = future->waiter;

    if (waiter == NULL)
        return; /* completed in the meantime: it is ready already */
    future->waiter = NULL;
    task_make_ready(waiter);
}

int future_wait(struct future *future)
{
    struct future_wait wait = {.wait.interrupt = stop_waiting,
                               .future = future};

    assert(future->waiter == NULL);
    if (future->is_done)
        return future->result;
    future->waiter = task_current();
    task_park(&wait.wait);
    return future->is_done ? future->result : task_take_interruption();
}
