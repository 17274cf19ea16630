/* loop.h: the event loop: it runs tasks, timers and completions.
 * Introduced in phase 3. Needs: handle.h, ring.h, task.h.
 *
 * One iteration, in this order:
 *
 *   (1) run ready tasks, up to a budget
 *   (2) fire the timers that are due
 *   (3) enter the kernel once: submit all, and wait until the next deadline,
 *       but only if nothing is ready
 *   (4) reap every CQE (at most one CQ full): complete its operation, which
 *       puts the waiter on the ready queue; no task is resumed in this step
 *   (5) again
 *
 * When idle, the loop blocks in step (3) and uses no CPU. When busy, the system
 * call of (3) submits all requests of the tasks of (1).
 *
 * Rules
 *  - One loop per thread; its ring, tasks and timers belong to that thread.
 *  - Take the time from loop_now_ns(). It does not change during an iteration.
 *    With no timer armed, the first call in an iteration reads the clock.
 *  - At most as many operations are in flight as the CQ has entries, so that it
 *    does not overflow. A task that needs another operation waits until one
 *    completes. */
#ifndef ONE_RING_LOOP_H
#define ONE_RING_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handle.h"
#include "ring.h"
#include "task.h"

/* The most tasks and timers that one iteration runs before step (3), so that a
 * flood of either cannot delay completions. */
#define LOOP_TASK_BUDGET 256u
#define LOOP_TIMER_BUDGET 256u

struct loop_options {
    struct ring_options ring;
    uint32_t tasks_max;  /* 0: 1024 */
    size_t stack_len;    /* bytes; 0: 64 KiB. Four times that under ASan */
    uint32_t timers_max; /* in addition to two per task; 0: 64 */
};

/* An operation in flight, from loop_sqe to its terminal CQE. It is in the frame
 * of the task that waits, or in memory that the task owns. */
struct op {
    /* Called in step (4) for each of its CQEs. flags are the CQE's: with
     * IORING_CQE_F_MORE, more CQEs follow and the kernel still owns the buffer.
     * Without it the operation is over, and op may be reused or freed. Must
     * not suspend. */
    void (*complete)(struct op *op, int result, uint32_t flags);
    uint64_t handle; /* HANDLE_NONE while it is not in flight */
};

struct loop {
    struct ring ring;
    struct sched sched;
    struct handle_table ops; /* handle -> struct op */
    struct queue op_waiters; /* tasks that wait for a slot in ops */
    uint64_t now_ns;         /* valid only while timers are armed; otherwise
                                call loop_now_ns() */
    bool now_is_old;         /* the clock was not read since step (3) */
    uint64_t iterations;
    uint64_t stale_cqes; /* completions of no operation in flight */
};

/* Makes this thread's loop; NULL options: all defaults.
 *
 * Returns 0        the loop is ready
 *         -ENOMEM  no memory for handles, timers or stacks
 *         -errno   as ring_init; in every failure nothing is left */
int loop_init(struct loop *loop, const struct loop_options *options);

/* Releases everything. No task may be alive and no operation in flight:
 * asserted, and true after loop_run, except after -EDEADLK. Accepts a zeroed
 * loop. */
void loop_finish(struct loop *loop);

/* Runs fn(arg) as the first task, and the tasks that it spawns, until the last
 * task has ended and the last operation has completed.
 *
 * Returns result    of fn
 *         -EBUSY    tasks were alive when fn returned, a mistake of the
 *         program;
 *                   they and new ones were named on stderr, cancelled, and
 *                   ended
 *         -EDEADLK  the tasks, named on stderr, wait for no possible event: the
 *                   loop can neither continue nor be finished
 *         -EAGAIN   tasks_max tasks are alive
 *         -ENOMEM   no memory for the guard of fn's stack */
int loop_run(struct loop *loop, task_fn *fn, void *arg);

/* Runs one iteration; waits in step (3) only if may_wait. For loop_run, and for
 * a host loop (bridge.h). Returns 0, or -errno as ring_enter. */
int loop_step(struct loop *loop, bool may_wait);

/* Returns this thread's loop, never NULL: asserted. */
struct loop *loop_current(void);

/* Returns CLOCK_MONOTONIC as read in this iteration: after step (3) if timers
 * are armed, otherwise at the first call. */
uint64_t loop_now_ns(void);

/* Arms timer, or moves it: timer->fire is called in the next step (2) that
 * comes delay_ns after loop_now_ns, and must not suspend. The caller owns the
 * timer, and does not move it in memory until it fired or was cancelled. A
 * timer does not keep the loop running. Returns 0, or -ENOSPC if no timer is
 * free. */
int loop_call_later(struct timer *timer, uint64_t delay_ns);

/* Disarms timer, in O(log n). Does nothing if it is not armed. */
void loop_cancel_timer(struct timer *timer);

/* Puts op in flight. Returns a cleared SQE with its handle, to be filled by an
 * io_uring_prep_*; step (3) submits it. The caller has set op->complete, and a
 * slot is free: call loop_await_slot in a task, loop_has_slot elsewhere. */
struct io_uring_sqe *loop_sqe(struct op *op);

/* Returns true until the terminal CQE of op. */
static inline bool op_is_in_flight(const struct op *op)
{
    return op->handle != HANDLE_NONE;
}

/* Returns true if an operation can be put in flight now. */
bool loop_has_slot(void);

/* Suspends the current task until a slot is free for an operation. Cannot be
 * interrupted. */
void loop_await_slot(void);

/* Suspends until a slot is free, and then acts as loop_sqe. */
struct io_uring_sqe *loop_await_sqe(struct op *op);

/* Requests that the kernel ends an operation early. op stays in flight, and the
 * kernel owns its buffer, until its own CQE, which has any result. Does nothing
 * if op is not in flight. */
void loop_cancel(struct op *op);

/* Returns the number of operations in flight. */
uint32_t loop_in_flight(const struct loop *loop);

#endif
