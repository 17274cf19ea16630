/* gather.c: waits for several futures at once; see gather.h.
 * Introduced in phase 3. Needs: gather.h.
 *
 * What it teaches: "all" is a loop, since it does not matter in which order one
 * waits for what must all come. "Any" is one task standing at several doors,
 * and it has to leave every one of them before it goes on. */
#include "gather.h"

#include <assert.h>
#include <limits.h>

int gather_await_all(struct future *const futures[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int rc = future_wait(futures[i]);

        if (!futures[i]->is_done) /* or -ECANCELED could be its result */
            return rc;
    }
    return 0;
}

struct any_wait {
    struct task_wait wait;
    struct task *task; /* borrowed */
};

/* A future that was completed has made it ready already, and then it is not
 * parked and nobody calls this. */
static void stop_waiting(struct task_wait *wait)
{
    task_make_ready(container_of(wait, struct any_wait, wait)->task);
}

/* The lowest index of one that is done, or count. */
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
        assert(futures[i]->waiter == NULL); /* which no watch is, either */
        futures[i]->waiter = wait.task;
    }
    task_park(&wait.wait);
    for (size_t i = 0; i < count; i++)
        if (futures[i]->waiter == wait.task) /* else it was completed */
            futures[i]->waiter = NULL;
    done = first_done(futures, count);
    return done < count ? (int)done : task_take_interruption();
}
