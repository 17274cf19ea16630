/* task.h: tasks and their scheduler.
 * Introduced in phase 3. Needs: ctx.h, queue.h, stack.h, timer.h, tools.h.
 *
 *            task_spawn           sched_run                returns
 *   (memory) ----------> READY ---------------> RUNNING ----------> ENDED
 *                          ^                      |
 *                          |  task_make_ready     | task_park
 *                          +------- PARKED <------+
 *
 * A task is a function on its own stack, so that it can stop in the middle of a
 * call and go on later. The scheduler is a queue of tasks that can run. It
 * knows no I/O: a task parks, and the code that completes what it waits for
 * makes it ready.
 *
 * Rules
 *  - One scheduler per thread; a task never changes its thread.
 *  - The caller owns struct task and does not move it until the task has ended.
 *  - A task runs until it parks: between two suspensions no other task runs.
 *  - A cancel or a deadline is delivered once, by the next call that suspends;
 *    what runs after that (closing, cleaning up) may suspend again
 *    undisturbed. */
#ifndef ONE_RING_TASK_H
#define ONE_RING_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctx.h"
#include "queue.h"
#include "stack.h"
#include "timer.h"
#include "tools.h"

typedef int task_fn(void *arg);

enum task_state { TASK_NEW, TASK_READY, TASK_RUNNING, TASK_PARKED, TASK_ENDED };

/* What a parked task waits for, as far as an interruption has to know. */
struct task_wait {
    /* Called when the parked task is cancelled or its deadline passes, at most
     * once for each park. Makes the task ready, or sees to it that what it
     * waits for ends soon. */
    void (*interrupt)(struct task_wait *wait);
};

/* Everything is the scheduler's to write, and anybody's to read. */
struct task {
    struct queue_node node; /* in the ready queue while READY */
    struct ctx ctx;
    struct tools_fiber fiber;
    enum task_state state;
    int interruption;       /* 0, or the -ECANCELED or -ETIME to deliver */
    bool is_interrupted;    /* wait->interrupt was called for this park */
    struct task_wait *wait; /* borrowed: what it is parked on, or NULL */
    uint64_t deadline_ns;   /* TIMER_NEVER: none */
    struct timer deadline;  /* fires at deadline_ns or earlier */
    struct task *joiner;    /* borrowed: parked in task_join, or NULL */
    struct task *next, *previous; /* borrowed: all tasks that have not ended */
    struct stack stack;
    task_fn *fn;
    void *arg;        /* borrowed: the task function's */
    int result;       /* valid once ENDED */
    const char *name; /* borrowed: static text, for people */

    /* Called by the scheduler after the task has ended and its stack is given
     * back. May free or reuse the task. NULL: it is there to be joined. */
    void (*on_end)(struct task *task);
};

struct sched {
    struct queue ready;
    struct task *current; /* borrowed; NULL while the scheduler itself runs */
    struct ctx home;      /* where sched_run was called */
    struct tools_fiber home_fiber;
    struct stack_arena stacks;
    struct timers timers;
    struct task *tasks; /* borrowed: all that have not ended */
    uint32_t count;
    bool is_ending;    /* a task that is spawned now is cancelled at once */
    uint64_t switches; /* how often a task was resumed */
};

/* Makes this thread's scheduler, for at most tasks_max tasks at a time with
 * stacks of stack_len bytes, and for timers_max timers besides two a task: its
 * deadline and its sleep.
 * Returns 0 or -ENOMEM. */
int sched_init(struct sched *sched, uint32_t tasks_max, size_t stack_len,
               uint32_t timers_max);

/* Releases everything; every task must have ended. Accepts a zeroed
 * scheduler. */
void sched_finish(struct sched *sched);

/* Runs at most budget ready tasks, each until it parks or ends.
 * Returns how many it ran. */
unsigned sched_run(struct sched *sched, unsigned budget);

static inline bool sched_is_idle(const struct sched *sched)
{
    return queue_is_empty(&sched->ready);
}

/* Starts fn(arg) as a task that is ready to run; it does not run yet. The task
 * is zeroed, but for on_end. Its name is static text.
 * Returns 0; -EAGAIN if tasks_max tasks are alive; -ENOMEM. */
int task_spawn(struct task *task, const char *name, task_fn *fn, void *arg);

/* The task that runs; never NULL: to be called from tasks only. */
struct task *task_current(void);

/* Suspends: lets every other ready task run first. */
void task_yield(void);

/* Suspends until task has ended, and returns its result. One task may join, and
 * not after an on_end has been called. A cancel or deadline of the joining task
 * does not end the wait: it is delivered by the next call that can deliver
 * it. */
int task_join(struct task *task);

/* Asks a task to end: the call that it is suspended in, or the next that
 * suspends it, returns -ECANCELED, once; unless it has a result to return. A
 * task that has ended is left alone. */
void task_cancel(struct task *task);

/* Sets the time after which a call that suspends the current task returns
 * -ETIME, once. TIMER_NEVER takes the deadline away. Moving it to a later time
 * costs nothing: the timer notices when it fires. */
void task_set_deadline(uint64_t when_ns);

/* For those who build waiting on top: futures, operations.
 *
 * task_park suspends the current task until task_make_ready. wait (NULL: cannot
 * be interrupted) stays the caller's and is valid until then; if an
 * interruption is pending, wait->interrupt is called at once.
 *
 * task_take_interruption returns what is to be delivered, and clears it. */
void task_park(struct task_wait *wait);
void task_make_ready(struct task *task);
int task_take_interruption(void);

#endif
