/* future.c: a result that may not be available yet; see future.h.
 * Introduced in phase 3. Needs: future.h.
 *
 * What it teaches: a future connects a waiting task to the code that provides
 * the result later. Neither depends on the types of the other. future_wait
 * registers a watch whose function makes the waiter ready. The future of an
 * operation has one waiter and is on the hot path, so it stores the waiting
 * task instead of a watch. */
#include "future.h"

#include <assert.h>
#include <stddef.h>

/* `called` has the watches to be called, and is_calling is true while
 * call_in_line calls them. A watch may complete another future, which also has
 * a watch, and so on. The queue prevents these calls from nesting on the
 * stack. */
static _Thread_local struct queue called;
static _Thread_local bool is_calling;

static void call_in_line(void)
{
    struct queue_node *node;

    if (is_calling)
        return; /* the outer call_in_line calls them */
    is_calling = true;
    while ((node = queue_pop(&called)) != NULL) {
        struct future_watch *watch =
            container_of(node, struct future_watch, node);

        watch->is_called = false; /* the function may register it again */
        watch->done(watch, watch->result);
    }
    is_calling = false;
}

/* Detaches the watch from its future, which may be freed before the watch is
 * called. */
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
    while (watch != NULL) { /* the newest is first: reverse the list */
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
        /* If the task waits in gather_await_any, another future may already
         * have made it ready. */
        if (waiter->state == TASK_PARKED)
            task_make_ready(waiter);
    }
}

/* The state of a future_wait call. An interruption ends the call
 * immediately. */
struct future_wait {
    struct task_wait wait;
    struct future_watch watch;
    struct task *task; /* borrowed: the waiting task */
    bool is_over;      /* watch has the result */
};

static void end_wait(struct future_watch *watch, int result)
{
    struct future_wait *self = container_of(watch, struct future_wait, watch);

    (void)result; /* future_wait reads it from the watch */
    self->is_over = true;
    if (self->task->state == TASK_PARKED) /* if not, it was interrupted */
        task_make_ready(self->task);
}

/* Makes the task ready. The watch stays registered until the task runs, so that
 * a result that arrives before then is not lost. */
static void stop_waiting(struct task_wait *wait)
{
    task_make_ready(container_of(wait, struct future_wait, wait)->task);
}

/* Returns the result from the watch in this frame, because another waiter may
 * run first and free the future. */
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
