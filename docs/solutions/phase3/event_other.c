/* event: the same as event.c, in another way: event_set wakes one task, and
 * each task that wakes passes the wake-up on. */
#include "event.h"

static void wake_next(struct event *event)
{
    struct queue_node *node = queue_pop(&event->waiters);

    if (node != NULL)
        task_make_ready(container_of(node, struct task, node));
}

void event_await_set(struct event *event)
{
    if (!event->is_set) {
        queue_push(&event->waiters, &task_current()->node);
        task_park(NULL);
        wake_next(event);
    }
}

void event_set(struct event *event)
{
    if (!event->is_set) {
        event->is_set = true;
        wake_next(event);
    }
}
