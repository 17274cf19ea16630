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
 * does not do I/O. A task parks to wait for an operation, and the code that
 * completes the operation makes the task ready.
 *
 * Rules
 *  - There is one scheduler per thread, and a task never changes its thread.
 *  - The caller owns struct task and must not move it until the task has ended.
 *  - A task runs until it parks, yields or ends. No other task of the thread
 *    runs before that.
 *  - If a task is cancelled or its deadline passes, one suspending call returns
 *    -ECANCELED or -ETIME. Later calls suspend normally, to allow clean-up. */
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

/* Describes how to end the wait of a parked task early. */
struct task_wait {
    /* Called when the parked task is cancelled or its deadline passes, at most
     * once per wait. Makes the task ready, or requests the end of the operation
     * for which the task waits. Must not suspend. */
    void (*interrupt)(struct task_wait *wait);
};

/* The caller owns the struct. Before task_spawn, it may set on_end. Only the
 * scheduler writes to the other members. */
struct task {
    struct queue_node node; /* in the ready queue while READY */
    struct ctx ctx;
    struct tools_fiber fiber;
    enum task_state state;
    int interruption;             /* pending -ECANCELED or -ETIME, or 0 */
    bool is_interrupted;          /* wait->interrupt was called in this wait */
    struct task_wait *wait;       /* borrowed: ends the wait early; or NULL */
    uint64_t deadline_ns;         /* TIMER_NEVER: none */
    struct timer deadline;        /* fires at deadline_ns or earlier */
    struct task *joiner;          /* borrowed: parked in task_join, or NULL */
    struct task *next, *previous; /* borrowed: list of live tasks */
    struct stack stack;
    task_fn *fn;
    void *arg;        /* borrowed: the argument of fn */
    int result;       /* valid once ENDED */
    const char *name; /* borrowed: static text, for messages */

    /* Called by the scheduler after the task has ended and its stack was
     * released. May free or reuse the task. If another task joins this one,
     * leave on_end NULL, because the joining task reads result later. */
    void (*on_end)(struct task *task);
};

struct sched {
    struct queue ready;
    struct task *current; /* borrowed; NULL while the scheduler runs */
    struct ctx home;      /* the context of sched_run */
    struct tools_fiber home_fiber;
    struct stack_arena stacks;
    struct timers timers;
    struct task *tasks; /* borrowed: all live tasks */
    uint32_t count;
    bool is_ending;    /* new tasks start cancelled */
    uint64_t switches; /* how many times a task was resumed */
};

/* Makes this thread's scheduler. It can have tasks_max tasks at a time, with
 * stacks of stack_len bytes. It has room for two timers per task (deadline and
 * sleep), and for timers_max more timers. Returns 0 or -ENOMEM. */
int sched_init(struct sched *sched, uint32_t tasks_max, size_t stack_len,
               uint32_t timers_max);

/* Releases the scheduler. Every task must have ended (asserted). Accepts a
 * zeroed scheduler. */
void sched_finish(struct sched *sched);

/* Runs at most budget ready tasks, each until it parks, yields or ends. Returns
 * the number of tasks that ran. A task that ran twice counts twice. */
unsigned sched_run(struct sched *sched, unsigned budget);

/* Returns true if no task is ready. */
static inline bool sched_is_idle(const struct sched *sched)
{
    return queue_is_empty(&sched->ready);
}

/* Makes a task that will run fn(arg), and puts it on the ready queue. Zeroes
 * the task except for on_end. name is static text.
 *
 * Returns 0        the task is ready
 *         -EAGAIN  tasks_max tasks are alive
 *         -ENOMEM  no memory for the guard of the task's stack */
int task_spawn(struct task *task, const char *name, task_fn *fn, void *arg);

/* Returns the running task, never NULL. Call it only in a task (asserted). */
struct task *task_current(void);

/* Suspends the current task until every other ready task has run. */
void task_yield(void);

/* Suspends until task has ended, and returns its result. Only one task may join
 * a task, and task->on_end must be NULL. A cancel or deadline of the joining
 * task does not end the wait. The interruption stays pending, and the next call
 * that can be interrupted returns it. */
int task_join(struct task *task);

/* Requests that a task end. Its current suspending call, or else its next one,
 * returns -ECANCELED. A call that already has a result returns the result
 * first. Does nothing if the task has ended. Does not suspend. */
void task_cancel(struct task *task);

/* Sets the current task's deadline. After when_ns, one suspending call of the
 * task returns -ETIME. TIMER_NEVER removes the deadline. A later time is cheap:
 * the timer stays armed for the old time, and is armed again when it fires. */
void task_set_deadline(uint64_t when_ns);

/* Suspends the current task until task_make_ready is called for it. The caller
 * owns wait, which must stay valid until this returns. If an interruption is
 * already pending, calls wait->interrupt immediately. If wait is NULL, an
 * interruption stays pending. This function and the next two are for code that
 * implements a wait, such as a future or an operation. */
void task_park(struct task_wait *wait);

/* Puts a new or parked task on the ready queue. Does not suspend. */
void task_make_ready(struct task *task);

/* Returns and clears the pending interruption: 0, -ECANCELED or -ETIME. */
int task_take_interruption(void);

#endif
