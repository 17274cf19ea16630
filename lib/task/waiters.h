/* waiters.h: a queue of tasks that wait, first in, first out.
 * Introduced in phase 3. Needs: queue.h, task.h.
 *
 * What a semaphore, a mutex and a channel have in common: who comes first is
 * served first; who is served gets it at once, while still asleep, so that
 * nobody who comes by in between can take it away; and who is interrupted
 * leaves the line as if never in it. */
#ifndef ONE_RING_WAITERS_H
#define ONE_RING_WAITERS_H

#include "queue.h"
#include "task.h"

/* Lives in the frame of the task that waits. */
struct waiter {
    struct queue_node node; /* in the line while is_in_line */
    struct task_wait wait;
    struct queue *line;     /* borrowed */
    struct task *task;      /* borrowed: who waits */
    void *item;             /* borrowed: what it offers, or where it wants it */
    int result;             /* valid once not in line: as it was served */
    bool is_in_line;
};

/* Suspends the current task at the end of the line until it is served. item is
 * for whoever serves it. Returns the result that it was served with, even if an
 * interruption came later; or -ECANCELED or -ETIME, and it is out of the line.
 * A line is a struct queue of waiters and nothing else. */
int waiters_await_result(struct queue *line, void *item);

/* Who is to be served next; NULL: nobody waits. */
struct waiter *waiters_first(const struct queue *line);

/* Takes the first out of the line and makes it ready; there is one. */
void waiters_serve(struct queue *line, int result);

#endif
