/* waiters.h: a queue of tasks that wait, first in, first out.
 * Introduced in phase 3. Needs: queue.h, task.h.
 *
 * This is the common part of semaphore, mutex and channel. The task that
 * comes first is served first. A served task owns its item or lock at once,
 * while it is still parked, so that no other task can take it before the waiter
 * runs. A task that is interrupted leaves the queue as if it had never been in
 * it. */
#ifndef ONE_RING_WAITERS_H
#define ONE_RING_WAITERS_H

#include "queue.h"
#include "task.h"

/* In the frame of the task that waits, which owns it. */
struct waiter {
    struct queue_node node; /* in the queue while is_in_line */
    struct task_wait wait;
    struct queue *line;     /* borrowed */
    struct task *task;      /* borrowed: it waits */
    void *item;             /* borrowed: an item to send or to fill */
    int result;             /* valid once it was served */
    bool is_in_line;
};

/* Suspends the current task at the end of the line until it is served. The
 * task that serves it uses item. The line is a struct queue that has only
 * waiters.
 *
 * Returns result      of waiters_serve, also if an interruption came later
 *         -ECANCELED  the task was cancelled and left the line
 *         -ETIME      its deadline passed and it left the line */
int waiters_await_result(struct queue *line, void *item);

/* Returns the waiter to be served next, or NULL if no task waits. */
struct waiter *waiters_first(const struct queue *line);

/* Removes the first waiter from the line and makes its task ready. The line
 * must not be empty: asserted. */
void waiters_serve(struct queue *line, int result);

#endif
