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
 * call and continue later. The scheduler is a queue of tasks that can run. It
 * does no I/O: a task parks, and the code that completes its operation makes it
 * ready.
 *
 * Rules
 *  - One scheduler per thread; a task never changes its thread.
 *  - The caller owns struct task and does not move it until the task has ended.
 *  - A task runs until it parks: between two suspensions no other task runs.
 *  - A cancel or a deadline is delivered once, by the next call that suspends.
 *    Later calls (for closing and cleaning up) suspend normally. */
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

/* A task's function. Returns the result of the task; a failure is below 0. */
typedef int task_fn(void *arg);

enum task_state { TASK_NEW, TASK_READY, TASK_RUNNING, TASK_PARKED, TASK_ENDED };

/* Lets an interruption end the wait of a parked task. */
struct task_wait {
    /* Called when the parked task is cancelled or its deadline passes, at most
     * once per park. Makes the task ready, or requests that its operation
     * ends. Must not suspend. */
    void (*interrupt)(struct task_wait *wait);
};

/* The caller owns it; only the scheduler writes to it. */
struct task {
    struct queue_node node; /* in the ready queue while READY */
    struct ctx ctx;
    struct tools_fiber fiber;
    enum task_state state;
    int interruption;       /* 0, or the -ECANCELED or -ETIME to deliver */
    bool is_interrupted;    /* wait->interrupt was called for this park */
    struct task_wait *wait; /* borrowed: of this park, or NULL */
    uint64_t deadline_ns;   /* TIMER_NEVER: none */
    struct timer deadline;  /* fires at deadline_ns or earlier */
    struct task *joiner;    /* borrowed: parked in task_join, or NULL */
    struct task *next, *previous; /* borrowed: all tasks that have not ended */
    struct stack stack;
    task_fn *fn;
    void *arg;        /* borrowed: the task function's */
    int result;       /* valid once ENDED */
    const char *name; /* borrowed: static text, for people */

    /* Called by the scheduler after the task has ended and its stack was
     * released. May free or reuse the task. NULL: a task joins it. */
    void (*on_end)(struct task *task);
};

struct sched {
    struct queue ready;
    struct task *current; /* borrowed; NULL while the scheduler runs */
    struct ctx home;      /* where sched_run was called */
    struct tools_fiber home_fiber;
    struct stack_arena stacks;
    struct timers timers;
    struct task *tasks; /* borrowed: all live tasks */
    uint32_t count;
    bool is_ending;    /* new tasks are cancelled at once */
    uint64_t switches; /* resumes of tasks */
};

/* Makes this thread's scheduler, for at most tasks_max tasks at a time with
 * stacks of stack_len bytes, and for timers_max timers in addition to two per
 * task (its deadline and its sleep). Returns 0 or -ENOMEM. */
int sched_init(struct sched *sched, uint32_t tasks_max, size_t stack_len,
               uint32_t timers_max);

/* Releases everything; every task must have ended: asserted. Accepts a zeroed
 * scheduler. */
void sched_finish(struct sched *sched);

/* Runs at most budget ready tasks, each until it parks or ends. Returns how
 * many it ran. */
unsigned sched_run(struct sched *sched, unsigned budget);

/* Returns true if no task is ready. */
static inline bool sched_is_idle(const struct sched *sched)
{
    return queue_is_empty(&sched->ready);
}

/* Starts fn(arg) as a ready task, which runs later. Zeroes the task but for
 * on_end. name is static text.
 *
 * Returns 0        the task is ready
 *         -EAGAIN  tasks_max tasks are alive
 *         -ENOMEM  no memory for the guard of its stack */
int task_spawn(struct task *task, const char *name, task_fn *fn, void *arg);

/* Returns the running task, never NULL. Call it in tasks only: asserted. */
struct task *task_current(void);

/* Suspends: lets every other ready task run first. */
void task_yield(void);

/* Suspends until task has ended, and returns its result. One task may join, and
 * not after on_end. A cancel or deadline of the joining task does not end the
 * wait; the next call that can be interrupted delivers it. */
int task_join(struct task *task);

/* Requests that a task ends: its current or next suspending call returns
 * -ECANCELED, once, unless that call has a result. Ignores a task that has
 * ended. Does not suspend. */
void task_cancel(struct task *task);

/* Sets the time after which a call that suspends the current task returns
 * -ETIME, once. TIMER_NEVER removes the deadline. A later time leaves the timer
 * armed as it is; it is armed again when it fires. */
void task_set_deadline(uint64_t when_ns);

/* Suspends the current task until task_make_ready. This and the next two are
 * for futures and operations. The caller owns wait, which is valid until then.
 * NULL: no interruption. Calls wait->interrupt at once if an interruption is
 * pending. */
void task_park(struct task_wait *wait);

/* Puts a new or parked task on the ready queue. Does not suspend. */
void task_make_ready(struct task *task);

/* Returns and clears the interruption to deliver: 0, -ECANCELED or -ETIME. */
int task_take_interruption(void);

#endif
