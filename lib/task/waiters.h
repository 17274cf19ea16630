/* waiters.h: a queue of waiting tasks, first in, first out.
 * Introduced in phase 3. Needs: queue.h, task.h.
 *
 * This is the common part of semaphores, mutexes and channels. The task that
 * comes first is served first. waiters_serve gives a task the item or the lock
 * while the task is still parked, so that no other task can take the item or
 * the lock first. An interrupted task leaves the queue and gets nothing. */
#ifndef ONE_RING_WAITERS_H
#define ONE_RING_WAITERS_H

#include "queue.h"
#include "task.h"

/* One waiting task. The struct is in the frame of that task, which owns it. */
struct waiter {
    struct queue_node node; /* in the queue until served or interrupted */
    struct task_wait wait;
    struct queue *line;     /* borrowed */
    struct task *task;      /* borrowed: the waiting task */
    void *item;             /* borrowed: an item to send or to fill */
    int result;             /* valid once served */
    bool is_in_line;        /* false once served */
};

/* Puts the current task at the end of the line, and suspends it until it is
 * served. The task that serves it may read or write *item. All nodes of the
 * line must be waiters.
 *
 * Returns result      from waiters_serve, even if an interruption came later
 *         -ECANCELED  the task was cancelled and left the line
 *         -ETIME      the deadline passed and the task left the line */
int waiters_await_result(struct queue *line, void *item);

/* Returns the waiter to be served next, or NULL if no task waits. */
struct waiter *waiters_first(const struct queue *line);

/* Removes the first waiter from the line, and makes its task ready. In that
 * task, waiters_await_result returns result. The line must not be empty
 * (asserted). */
void waiters_serve(struct queue *line, int result);

#endif
