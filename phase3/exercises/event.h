/* event.h: an event that tasks wait for.
 *
 * An exercise of phase 3; see phase3/exercises/README.md. */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>

#include "task.h"

/* A zeroed event is not set, and no task waits for it. */
struct event {
    bool is_set;
    struct queue waiters; /* of parked tasks, by their member node */
};

/* Suspends the current task until the event is set. Does not suspend if it is
 * set already. Cannot be interrupted. */
void event_await_set(struct event *event);

/* Sets the event, and makes all waiting tasks ready, in the order in which they
 * began to wait. Does nothing if the event is set already. Does not suspend.
 * May be called outside a task. */
void event_set(struct event *event);

#endif
