/* future.c: a result that is not there yet; see future.h.
 * Introduced in phase 3. Needs: future.h.
 *
 * What it teaches: a future is bookkeeping. It joins two sides that do not know
 * each other: the one that waits, and the one that will know. To wait is to
 * have a function called that makes the waiter ready; an operation's future
 * leaves the function out, since it has one waiter and is in the hot path. */
#include "future.h"

#include <assert.h>
#include <stddef.h>

/* The watches to be called, and whether somebody is calling them. A chain of
 * futures that complete each other is a line here, and no nest of calls. */
static _Thread_local struct queue called;
static _Thread_local bool is_calling;

static void call_in_line(void)
{
    struct queue_node *node;

    if (is_calling)
        return; /* whoever is calling will come to it */
    is_calling = true;
    while ((node = queue_pop(&called)) != NULL) {
        struct future_watch *watch =
            container_of(node, struct future_watch, node);

        watch->is_called = false; /* from here on it may be used again */
        watch->done(watch, watch->result);
    }
    is_calling = false;
}

/* From here on neither needs the other: the future may go before its watches
 * were called. */
static void put_in_line(struct future_watch *watch, int result)
{
    watch->future = NULL;
    watch->result = result;
    watch->is_called = true;
    queue_push(&called, &watch->node);
}

static void tell_watches(struct future *future, int result)
{
    struct future_watch *oldest = NULL, *watch = future->watches;

    future->watches = NULL;
    future->is_watched = false;
    while (watch != NULL) { /* they stand in reverse */
        struct future_watch *next = watch->next;

        watch->next = oldest;
        oldest = watch;
        watch = next;
    }
    for (watch = oldest; watch != NULL; watch = watch->next)
        put_in_line(watch, result);
    call_in_line();
}

void future_watch(struct future *future, struct future_watch *watch)
{
    assert(watch->done != NULL && watch->future == NULL && !watch->is_called);
    if (future->is_done) {
        put_in_line(watch, future->result);
        call_in_line();
        return;
    }
    assert(future->is_watched || future->waiter == NULL);
    watch->future = future;
    watch->next = future->watches;
    future->watches = watch;
    future->is_watched = true;
}

void future_unwatch(struct future_watch *watch)
{
    struct future *future = watch->future;
    struct future_watch **link;

    if (watch->is_called) {
        queue_remove(&called, &watch->node);
        watch->is_called = false;
    }
    if (future == NULL)
        return;
    for (link = &future->watches; *link != watch; link = &(*link)->next)
        assert(*link != NULL);
    *link = watch->next;
    future->is_watched = future->watches != NULL;
    watch->future = NULL;
}

void future_complete(struct future *future, int result)
{
    assert(!future->is_done);
    future->result = result;
    future->is_done = true;
    if (future->waiter == NULL)
        return;
    if (future->is_watched) {
        tell_watches(future, result);
    } else {
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
    struct future_watch watch;
    struct task *task; /* borrowed: who waits */
    bool is_over;      /* it was told the result */
};

static void end_wait(struct future_watch *watch, int result)
{
    struct future_wait *self = container_of(watch, struct future_wait, watch);

    (void)result; /* stays in the watch */
    self->is_over = true;
    if (self->task->state == TASK_PARKED) /* else an interruption was first */
        task_make_ready(self->task);
}

/* The task leaves the future when it runs: a result that comes before that is
 * told to it, and is not lost. */
static void stop_waiting(struct task_wait *wait)
{
    task_make_ready(container_of(wait, struct future_wait, wait)->task);
}

/* What was told is in this frame: the future itself may be gone by the time
 * that a task is resumed, if another who waited for it was first. */
int future_wait(struct future *future)
{
    struct future_wait self = {.wait.interrupt = stop_waiting,
                               .watch.done = end_wait,
                               .task = task_current()};

    assert(!is_calling); /* a watch must not suspend */
    if (future->is_done)
        return future->result;
    future_watch(future, &self.watch);
    task_park(&self.wait);
    if (self.is_over)
        return self.watch.result;
    future_unwatch(&self.watch);
    return task_take_interruption();
}
