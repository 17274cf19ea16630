/* gather.c: waits for several futures at once; see gather.h.
 * Introduced in phase 3. Needs: gather.h.
 *
 * What it teaches: gather_await_all is a loop, because the order of the waits
 * does not matter. gather_await_any registers one task with several futures,
 * and must remove the task from each of them before it returns. */
#include "gather.h"

#include <assert.h>
#include <limits.h>

int gather_await_all(struct future *const futures[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int rc = future_wait(futures[i]);

        /* rc < 0 may be the future's result. Only is_done shows whether the
         * wait was interrupted. */
        if (!futures[i]->is_done)
            return rc;
    }
    return 0;
}

struct any_wait {
    struct task_wait wait;
    struct task *task; /* borrowed */
};

/* The scheduler calls this only for a parked task, so no future has made the
 * task ready yet. */
static void stop_waiting(struct task_wait *wait)
{
    task_make_ready(container_of(wait, struct any_wait, wait)->task);
}

/* Returns the lowest index of a future that is done, or count. */
static size_t first_done(struct future *const futures[], size_t count)
{
    size_t i = 0;

    while (i < count && !futures[i]->is_done)
        i++;
    return i;
}

int gather_await_any(struct future *const futures[], size_t count)
{
    struct any_wait wait = {.wait.interrupt = stop_waiting,
                            .task = task_current()};
    size_t done = first_done(futures, count);

    assert(count > 0 && count <= INT_MAX);
    if (done < count)
        return (int)done;
    for (size_t i = 0; i < count; i++) {
        assert(futures[i]->waiter == NULL); /* no waiter and no watch */
        futures[i]->waiter = wait.task;
    }
    task_park(&wait.wait);
    for (size_t i = 0; i < count; i++)
        if (futures[i]->waiter == wait.task) /* NULL if it was completed */
            futures[i]->waiter = NULL;
    done = first_done(futures, count);
    return done < count ? (int)done : task_take_interruption();
}
