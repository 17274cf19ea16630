/* group.c: waits for several tasks, and cancels them if one fails; see group.h.
 * Introduced in phase 3. Needs: group.h.
 *
 * What it teaches: structured concurrency is a counter, a list and a rule. The
 * counter is 0 when all tasks have ended. The list has the tasks to cancel. The
 * rule is that the owner does not leave the frame of the group before the
 * counter is 0. */
#include "group.h"

#include <assert.h>
#include <errno.h>

/* The scheduler calls this when a task of a group has ended. */
static void task_ended(struct task *ended)
{
    struct group_task *task = container_of(ended, struct group_task, task);
    struct group *group = task->group;

    if (task->previous != NULL)
        task->previous->next = task->next;
    else
        group->first = task->next;
    if (task->next != NULL)
        task->next->previous = task->previous;
    group->count--;
    if (ended->result < 0 && group->failure == 0) {
        group->failure = ended->result;
        group_cancel(group);
    }
    if (group->count == 0 && group->waiter != NULL) {
        task_make_ready(group->waiter);
        group->waiter = NULL;
    }
}

int group_spawn(struct group *group, struct group_task *task, const char *name,
                task_fn *fn, void *arg)
{
    int rc;

    if (group->is_cancelled)
        return -ECANCELED;
    task->task.on_end = task_ended;
    rc = task_spawn(&task->task, name, fn, arg);
    if (rc < 0)
        return rc;
    task->group = group;
    task->previous = NULL;
    task->next = group->first;
    if (group->first != NULL)
        group->first->previous = task;
    group->first = task;
    group->count++;
    return 0;
}

void group_cancel(struct group *group)
{
    group->is_cancelled = true;
    for (struct group_task *t = group->first; t != NULL; t = t->next)
        task_cancel(&t->task);
}

/* The state of a task that is parked in group_await_all. */
struct group_wait {
    struct task_wait wait;
    struct group *group; /* borrowed */
};

/* Cancels the group. The wait ends when all tasks have ended. */
static void interrupt_group(struct task_wait *wait)
{
    group_cancel(container_of(wait, struct group_wait, wait)->group);
}

int group_await_all(struct group *group)
{
    struct group_wait wait = {.wait.interrupt = interrupt_group,
                              .group = group};
    int failure;

    assert(group->waiter == NULL);
    if (group->count > 0) {
        group->waiter = task_current();
        task_park(&wait.wait);
    }
    assert(group->count == 0 && group->first == NULL);
    failure = group->failure;
    *group = (struct group){0};
    /* -ECANCELED may come from interrupt_group. If so, return the reason for
     * the interruption, which may be a deadline. */
    if (failure == -ECANCELED && task_current()->interruption != 0)
        return task_take_interruption();
    return failure;
}
