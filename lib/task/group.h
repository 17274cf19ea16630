/* group.h: tasks that begin and end together.
 * Introduced in phase 3. Needs: task.h.
 *
 *     struct group group = {0};
 *     struct group_task left, right;
 *
 *     group_spawn(&group, &left, "left", copy, &there);
 *     group_spawn(&group, &right, "right", copy, &back);
 *     rc = group_await_all(&group);
 *
 * A task without a waiter may run after the memory that it uses is gone, and
 * its result is lost. A group prevents both: its owner waits for all tasks
 * before it leaves the frame of the group, and the first failure ends the other
 * tasks.
 *
 * Rules
 *  - Call group_await_all before group, or memory that its tasks use, is freed.
 *  - A task fails by returning a value below 0.
 *  - A task of a group may spawn more into it. */
#ifndef ONE_RING_GROUP_H
#define ONE_RING_GROUP_H

#include <stdint.h>

#include "task.h"

/* The caller owns it and does not move it until group_await_all has
 * returned. */
struct group_task {
    struct task task;
    struct group *group;                /* borrowed */
    struct group_task *next, *previous; /* borrowed: live tasks */
};

/* Zeroed: a group without tasks. */
struct group {
    struct group_task *first; /* borrowed: the live tasks */
    uint32_t count;           /* of live tasks */
    int failure;              /* the first result below 0; 0: none */
    bool is_cancelled;
    struct task *waiter; /* borrowed: parked in group_await_all, or NULL */
};

/* Starts fn(arg) as a task of the group, with a static name. Does not suspend.
 *
 * Returns 0           the task is ready to run
 *         -ECANCELED  the group was cancelled, or a task of it has failed
 *         -EAGAIN     tasks_max tasks are alive
 *         -ENOMEM     no memory for the guard of its stack
 * On failure nothing is started. */
int group_spawn(struct group *group, struct group_task *task, const char *name,
                task_fn *fn, void *arg);

/* Cancels every task of the group, as task_cancel does. group_spawn fails until
 * group_await_all has returned. Does not suspend. */
void group_cancel(struct group *group);

/* Suspends until every task of the group has ended. If this task is cancelled
 * or its deadline passes, cancels the group and still waits. Afterwards the
 * group is empty and may be used again.
 *
 * Returns 0           each task returned 0 or more
 *         < 0         the result of the first task that failed
 *         -ECANCELED  a cancel of this task cancelled the group
 *         -ETIME      the deadline of this task cancelled the group */
int group_await_all(struct group *group);

#endif
