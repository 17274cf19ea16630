/* group.h: waits for several tasks, and cancels them if one fails.
 * Introduced in phase 3. Needs: task.h.
 *
 *     struct group group = {0};
 *     struct group_task left, right;
 *
 *     group_spawn(&group, &left, "left", copy, &there);
 *     group_spawn(&group, &right, "right", copy, &back);
 *     rc = group_await_all(&group);
 *
 * If no other task waits for the end of a task, the task may still use memory
 * that its creator has freed, and its result is lost. A group prevents both,
 * because its owner waits for all tasks before it leaves the frame of the
 * group. The first failure cancels the other tasks.
 *
 * Rules
 *  - Call group_await_all before you free the group or memory that its tasks
 *    use.
 *  - A task fails by returning a value below 0.
 *  - A task of a group may spawn more tasks into the group. */
#ifndef ONE_RING_GROUP_H
#define ONE_RING_GROUP_H

#include <stdint.h>

#include "task.h"

/* One task of a group. The caller owns the struct and must not move it until
 * group_await_all has returned. */
struct group_task {
    struct task task;
    struct group *group;                /* borrowed */
    struct group_task *next, *previous; /* borrowed: list of live tasks */
};

/* A zeroed group has no tasks. */
struct group {
    struct group_task *first; /* borrowed: the live tasks */
    uint32_t count;           /* number of live tasks */
    int failure;              /* the first result below 0, or 0 */
    bool is_cancelled;
    struct task *waiter; /* borrowed: parked in group_await_all, or NULL */
};

/* Starts fn(arg) as a task of the group. name is static text. Does not suspend.
 *
 * Returns 0           the task is ready to run
 *         -ECANCELED  the group was cancelled, or one of its tasks failed
 *         -EAGAIN     tasks_max tasks are alive
 *         -ENOMEM     no memory for the guard of the task's stack
 * On failure, no task is started. */
int group_spawn(struct group *group, struct group_task *task, const char *name,
                task_fn *fn, void *arg);

/* Calls task_cancel for every task of the group. After that, group_spawn fails
 * until group_await_all has returned. Does not suspend. */
void group_cancel(struct group *group);

/* Suspends until every task of the group has ended. If the calling task is
 * cancelled or its deadline passes, cancels the group and continues to wait.
 * Afterwards the group is empty and may be used again.
 *
 * Returns 0           every task returned >= 0
 *         < 0         the result of the first task that failed
 *         -ECANCELED  a cancel of this task cancelled the group
 *         -ETIME      the deadline of this task cancelled the group */
int group_await_all(struct group *group);

#endif
