/* event: park tasks, and wake them.
 *
 * What it teaches: a wake-up is lost if the state is not looked at before the
 * park. Between the look and the park no other task can run. */
#include "event.h"

void event_await_set(struct event *event)
{
    if (event->is_set)
        return;
    queue_push(&event->waiters, &task_current()->node);
    task_park(NULL);
}

void event_set(struct event *event)
{
    struct queue_node *node;

    event->is_set = true;
    while ((node = queue_pop(&event->waiters)) != NULL)
        task_make_ready(container_of(node, struct task, node));
}
