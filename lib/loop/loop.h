/* loop.h: the event loop: it runs tasks, timers and completions.
 * Introduced in phase 3. Needs: handle.h, ring.h, task.h.
 *
 * One iteration, in this order:
 *
 *   (1) run ready tasks, up to a budget
 *   (2) fire the timers that are due
 *   (3) enter the kernel once: submit all, and wait until the next deadline,
 *       but only if nothing is ready
 *   (4) reap every CQE (at most the CQ once over): complete what it belongs
 *       to, which puts its waiter on the ready queue; no task is resumed inside
 *       this walk
 *   (5) again
 *
 * When idle, the loop blocks in step (3) and uses no CPU. When busy, all that
 * the tasks of (1) requested goes to the kernel in the one system call of (3).
 *
 * Rules
 *  - One loop per thread; its ring, tasks and timers belong to that thread.
 *  - Only the loop tells time: to tasks it does not move during an iteration.
 *    With no timer armed, the clock is read at the first loop_now_ns().
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

/* Ready tasks and timers that one iteration runs before it looks at the kernel
 * again: a flood of either cannot keep completions waiting. */
#define LOOP_TASK_BUDGET 256u
#define LOOP_TIMER_BUDGET 256u

struct loop_options {
    struct ring_options ring;
    uint32_t tasks_max;  /* 0: 1024 */
    size_t stack_len;    /* bytes; 0: 64 KiB. Four times that under ASan */
    uint32_t timers_max; /* besides two a task. 0: 64 */
};

/* An operation in the kernel's hands, from loop_sqe to its terminal CQE. It
 * lives in the frame of the task that waits, or in what the task owns. */
struct op {
    /* Called in step (4) for each of its CQEs. flags are the CQE's: while
     * IORING_CQE_F_MORE is set, more will follow and the kernel keeps what it
     * owns. Without it the operation is over and op may be reused or freed.
     * Must not suspend. */
    void (*complete)(struct op *op, int result, uint32_t flags);
    uint64_t handle; /* HANDLE_NONE while it is not in flight */
};

struct loop {
    struct ring ring;
    struct sched sched;
    struct handle_table ops; /* handle -> struct op */
    struct queue op_waiters; /* tasks that wait for a slot in ops */
    uint64_t now_ns;         /* true while timers are armed; else ask
                                loop_now_ns */
    bool now_is_old;         /* the clock was not read since step (3) */
    uint64_t iterations;
    uint64_t stale_cqes; /* completions that nothing in flight answers to */
};

/* Makes this thread's loop; NULL options: all defaults. Returns 0 or -errno as
 * ring_init, or -ENOMEM. On failure nothing is left. */
int loop_init(struct loop *loop, const struct loop_options *options);

/* Releases everything. No task may be alive and no operation in flight, which
 * loop_run sees to. Accepts a zeroed loop. */
void loop_finish(struct loop *loop);

/* Runs fn(arg) as the first task, and whatever it spawns, until the last task
 * has ended and the last operation has completed.
 *
 * Returns what fn returned; or -EBUSY if tasks were still alive when it ended:
 * they are named on stderr, cancelled and waited for (so is what they spawn
 * now), and this is a mistake of the program; or -EDEADLK, also with their
 * names, if the tasks wait for nothing that could ever happen: then the loop
 * cannot go on or be finished. */
int loop_run(struct loop *loop, task_fn *fn, void *arg);

/* One iteration; waits in step (3) only if may_wait. For loop_run, and for a
 * host loop that drives the ring (bridge.h).
 * Returns 0 or -errno if the ring is unusable. */
int loop_step(struct loop *loop, bool may_wait);

/* This thread's loop; never NULL: only to be called where there is one. */
struct loop *loop_current(void);

/* CLOCK_MONOTONIC, as read in this iteration: by step (4) if timers are armed,
 * else by the first who asks. */
uint64_t loop_now_ns(void);

/* Has timer->fire called in step (2) once delay_ns have passed since
 * loop_now_ns: what other loops name call_later. A delay of 0 is the next step
 * (2), in this iteration or the next. One that is armed is moved. The caller
 * owns the timer, and must not move it until it fired or was cancelled:
 * loop_cancel_timer takes O(log n), and does nothing if the timer is not armed.
 * A timer does not keep the loop running, and must not suspend. Returns 0, or
 * -ENOSPC if timers_max are armed. */
int loop_call_later(struct timer *timer, uint64_t delay_ns);
void loop_cancel_timer(struct timer *timer);

/* Puts op in flight: returns a cleared SQE that carries its handle, to be
 * filled by an io_uring_prep_*. It is submitted in step (3). op->complete is
 * set, and op is not in flight. The caller has made sure that a slot is free:
 * loop_await_slot in a task, loop_has_slot elsewhere. */
struct io_uring_sqe *loop_sqe(struct op *op);

static inline bool op_is_in_flight(const struct op *op)
{
    return op->handle != HANDLE_NONE;
}

/* True if an operation may be put in flight now. */
bool loop_has_slot(void);

/* Suspends the current task until a slot is free for an operation, if none is.
 * Cannot be interrupted. */
void loop_await_slot(void);

/* loop_await_slot and loop_sqe in one. */
struct io_uring_sqe *loop_await_sqe(struct op *op);

/* Asks the kernel to end an operation early. Says nothing about the outcome:
 * op stays in flight, and what it owns the kernel's, until its own CQE. An op
 * that is not in flight is left alone. */
void loop_cancel(struct op *op);

/* The number of operations in flight. */
uint32_t loop_in_flight(const struct loop *loop);

#endif
