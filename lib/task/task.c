/* task.c: tasks and their scheduler; see task.h.
 * Introduced in phase 3. Needs: task.h.
 *
 * What it teaches: a scheduler is a queue and a context switch. Only sched_run
 * resumes tasks, and it runs on the thread's own stack. The code that handles a
 * completion only puts the waiting task on the queue, and returns. So a task
 * never runs on the stack of another task, and no stack grows with the length
 * of a chain of completions. */
#include "task.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

static _Thread_local struct sched *sched;

int sched_init(struct sched *new_sched, uint32_t tasks_max, size_t stack_len,
               uint32_t timers_max)
{
    int rc;

    assert(sched == NULL); /* one per thread */
    memset(new_sched, 0, sizeof *new_sched);
    rc = timers_init(&new_sched->timers, 2 * tasks_max + timers_max);
    if (rc < 0)
        return rc;
    rc = stack_arena_init(&new_sched->stacks, tasks_max,
                          stack_len * TOOLS_STACK_FACTOR);
    if (rc < 0) {
        timers_finish(&new_sched->timers);
        return rc;
    }
    tools_fiber_init(&new_sched->home_fiber, NULL, 0);
    sched = new_sched;
    return 0;
}

void sched_finish(struct sched *old)
{
    if (old->stacks.memory != NULL) {
        assert(sched == old && old->current == NULL && old->count == 0);
        sched = NULL;
    }
    timers_finish(&old->timers);
    stack_arena_finish(&old->stacks);
    memset(old, 0, sizeof *old);
}

/* Switches from the current task to the scheduler. */
static void leave(struct task *task, bool ends)
{
    tools_switch_begin(&task->fiber, &sched->home_fiber, ends);
    ctx_switch(&task->ctx, &sched->home);
    tools_switch_end(&task->fiber, &sched->home_fiber);
}

static void task_main(void *arg)
{
    struct task *task = arg;

    tools_switch_end(&task->fiber, &sched->home_fiber);
    task->result = task->fn(task->arg);
    task->state = TASK_ENDED;
    leave(task, true);
}

/* Runs on the scheduler's stack, so it may release the stack of the task. */
static void task_reap(struct task *task)
{
    stack_release(&sched->stacks, task->stack);
    tools_fiber_finish(&task->fiber);
    timer_disarm(&sched->timers, &task->deadline);
    if (task->previous != NULL)
        task->previous->next = task->next;
    else
        sched->tasks = task->next;
    if (task->next != NULL)
        task->next->previous = task->previous;
    sched->count--;
    if (task->joiner != NULL)
        task_make_ready(task->joiner);
    if (task->on_end != NULL)
        task->on_end(task);
}

static void resume(struct task *task)
{
    assert(task->state == TASK_READY);
    task->state = TASK_RUNNING;
    sched->current = task;
    sched->switches++;
    tools_switch_begin(&sched->home_fiber, &task->fiber, false);
    ctx_switch(&sched->home, &task->ctx);
    tools_switch_end(&sched->home_fiber, &task->fiber);
    sched->current = NULL;
    if (task->state == TASK_ENDED)
        task_reap(task);
}

unsigned sched_run(struct sched *self, unsigned budget)
{
    unsigned ran = 0;

    assert(self == sched && sched->current == NULL);
    while (ran < budget) {
        struct queue_node *node = queue_pop(&sched->ready);

        if (node == NULL)
            break;
        resume(container_of(node, struct task, node));
        ran++;
    }
    return ran;
}

/* Ends the wait of a parked task. If the task is not parked, or its wait cannot
 * be interrupted, the interruption stays pending. A cancel replaces an expired
 * deadline. */
static void interrupt(struct task *task, int interruption)
{
    if (task->interruption != -ECANCELED)
        task->interruption = interruption;
    if (task->state == TASK_PARKED && task->wait != NULL &&
        !task->is_interrupted) {
        task->is_interrupted = true;
        task->wait->interrupt(task->wait);
    }
}

/* Interrupts the task if its deadline has passed. If the task has moved the
 * deadline to a later time, arms the timer for that time instead. */
static void deadline_fired(struct timer *timer)
{
    struct task *task = container_of(timer, struct task, deadline);

    if (task->deadline_ns > timer->when_ns) {
        if (task->deadline_ns != TIMER_NEVER)
            (void)timer_arm(&sched->timers, timer, task->deadline_ns);
        return;
    }
    task->deadline_ns = TIMER_NEVER;
    interrupt(task, -ETIME);
}

int task_spawn(struct task *task, const char *name, task_fn *fn, void *arg)
{
    void (*on_end)(struct task *) = task->on_end;
    int rc;

    assert(sched != NULL && fn != NULL);
    memset(task, 0, sizeof *task);
    task->on_end = on_end; /* keep it even if this attempt fails */
    rc = stack_take(&sched->stacks, &task->stack);
    if (rc < 0)
        return rc;
    task->name = name;
    task->fn = fn;
    task->arg = arg;
    task->interruption = sched->is_ending ? -ECANCELED : 0;
    task->deadline_ns = TIMER_NEVER;
    task->deadline.fire = deadline_fired;
    task->next = sched->tasks;
    if (sched->tasks != NULL)
        sched->tasks->previous = task;
    sched->tasks = task;
    sched->count++;
    tools_fiber_init(&task->fiber, task->stack.memory, task->stack.len);
    ctx_make(&task->ctx, task->stack.memory, task->stack.len, task_main, task);
    task_make_ready(task);
    return 0;
}

struct task *task_current(void)
{
    assert(sched != NULL && sched->current != NULL);
    return sched->current;
}

void task_make_ready(struct task *task)
{
    assert(task->state == TASK_PARKED || task->state == TASK_NEW);
    task->state = TASK_READY;
    queue_push(&sched->ready, &task->node);
}

void task_park(struct task_wait *wait)
{
    struct task *task = task_current();

    task->state = TASK_PARKED;
    task->wait = wait;
    task->is_interrupted = false;
    if (task->interruption != 0)
        interrupt(task, task->interruption);
    leave(task, false);
}

void task_yield(void)
{
    struct task *task = task_current();

    task->state = TASK_READY;
    queue_push(&sched->ready, &task->node);
    leave(task, false);
}

int task_join(struct task *task)
{
    assert(task != task_current() && task->state != TASK_NEW);
    if (task->state != TASK_ENDED) {
        assert(task->joiner == NULL); /* only one task may join */
        task->joiner = task_current();
        task_park(NULL);
    }
    assert(task->state == TASK_ENDED);
    return task->result;
}

void task_cancel(struct task *task)
{
    if (task->state != TASK_ENDED && task->state != TASK_NEW)
        interrupt(task, -ECANCELED);
}

void task_set_deadline(uint64_t when_ns)
{
    struct task *task = task_current();

    if (task->interruption == -ETIME) /* from the old deadline */
        task->interruption = 0;
    task->deadline_ns = when_ns;
    if (when_ns == TIMER_NEVER)
        return;
    if (!timer_is_armed(&task->deadline) || task->deadline.when_ns > when_ns) {
        int rc = timer_arm(&sched->timers, &task->deadline, when_ns);

        assert(rc == 0); /* sched_init made room for it */
    }
}

int task_take_interruption(void)
{
    struct task *task = task_current();
    int interruption = task->interruption;

    task->interruption = 0;
    return interruption;
}
