/* waiters.h: a queue of tasks that wait, first in, first out.
 * Introduced in phase 3. Needs: queue.h, task.h.
 *
 * The common part of semaphore, mutex and channel. The task that comes first is
 * served first. A served task owns what it waited for at once, while it is
 * still asleep, so that no other task can take it before the waiter runs. A
 * task that is interrupted leaves the queue as if it had never been in it. */
#ifndef ONE_RING_WAITERS_H
#define ONE_RING_WAITERS_H

#include "queue.h"
#include "task.h"

/* Lives in the frame of the task that waits. */
struct waiter {
    struct queue_node node; /* in the queue while is_in_line */
    struct task_wait wait;
    struct queue *line;     /* borrowed */
    struct task *task;      /* borrowed: that waits */
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
