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
 * A task that nobody waits for keeps running when what it works on is gone, and
 * what it returns is lost. In a group neither can happen: whoever opens one
 * waits for all of it before the frame that holds it is left, and the first
 * failure ends the others.
 *
 * Rules
 *  - Do call group_await_all before group, or what its tasks work on, goes
 *    away.
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
    struct group_task *next, *previous; /* borrowed: those not ended yet */
};

/* Zeroed: a group without tasks. */
struct group {
    struct group_task *first; /* borrowed: those that have not ended */
    uint32_t count;           /* how many those are */
    int failure;              /* the first result below 0; 0: none */
    bool is_cancelled;
    struct task *waiter; /* borrowed: parked in group_await_all, or NULL */
};

/* Starts fn(arg) as a task of the group. Does not suspend.
 * Returns 0; -ECANCELED if the group was cancelled or one of it has failed, in
 * which case nothing is started; or what task_spawn returns. */
int group_spawn(struct group *group, struct group_task *task, const char *name,
                task_fn *fn, void *arg);

/* Asks every task of the group to end, as task_cancel does, and lets no other
 * begin until group_await_all has returned. */
void group_cancel(struct group *group);

/* Suspends until every task of the group has ended. If this task is cancelled
 * or its deadline passes, the group is cancelled, and still waited for.
 *
 * Returns 0 if all returned 0 or more, else the first failure; or -ECANCELED or
 * -ETIME if an interruption of this task is why they failed. The group may then
 * be used again. */
int group_await_all(struct group *group);

#endif
