/* loop.h: the event loop, which runs tasks, timers and completions.
 * Introduced in phase 3. Needs: handle.h, ring.h, task.h.
 *
 * One iteration, in this order:
 *
 *   (1) run ready tasks, up to a budget
 *   (2) fire the timers that are due
 *   (3) enter the kernel once: submit all new operations; if no task is ready,
 *       also wait until an operation completes or the next timer is due
 *   (4) reap the CQEs, at most as many as the CQ holds. Each CQE completes its
 *       operation and makes the waiting task ready. No task runs in this step
 *   (5) repeat
 *
 * When idle, the loop blocks in step (3) and uses no CPU. When busy, one system
 * call in step (3) submits all operations that the tasks of step (1) started.
 *
 * Rules
 *  - A thread has one loop; its ring, tasks and timers belong to that thread.
 *  - Get the time from loop_now_ns(). It reads the clock at most once per
 *    iteration, so all tasks of an iteration get the same time.
 *  - The loop keeps at most as many operations in flight as the CQ has entries,
 *    so that the CQ does not overflow. If a task starts an operation while all
 *    slots are taken, the task first waits until an operation completes. */
#ifndef ONE_RING_LOOP_H
#define ONE_RING_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handle.h"
#include "ring.h"
#include "task.h"

/* Limits per iteration. Without them, many ready tasks or due timers could
 * delay completions. */
#define LOOP_TASK_BUDGET 256u
#define LOOP_TIMER_BUDGET 256u

struct loop_options {
    struct ring_options ring;
    uint32_t tasks_max;  /* 0: 1024 */
    size_t stack_len;    /* bytes; 0: 64 KiB; four times as much under ASan */
    uint32_t timers_max; /* in addition to two per task; 0: 64 */
};

/* An operation. It is in flight from loop_sqe until its terminal CQE. The
 * struct is in the waiting task's stack frame, or in memory that the task
 * owns. */
struct op {
    /* Called in step (4) for each CQE of the operation, with the CQE's flags.
     * If IORING_CQE_F_MORE is set, more CQEs follow and the kernel still owns
     * the buffer. Otherwise the operation is over, and op may be reused or
     * freed. Must not suspend. */
    void (*complete)(struct op *op, int result, uint32_t flags);
    uint64_t handle; /* HANDLE_NONE if the operation is not in flight */
};

struct loop {
    struct ring ring;
    struct sched sched;
    struct handle_table ops; /* handle -> struct op */
    struct queue op_waiters; /* tasks that wait for a slot in ops */
    uint64_t now_ns;         /* valid only while timers are armed; otherwise
                                call loop_now_ns() */
    bool now_is_old;         /* the clock has not been read since step (3) */
    uint64_t iterations;
    uint64_t stale_cqes; /* CQEs without an operation in flight */
    uint64_t no_worker_count; /* operations that ended with -ERR_NO_WORKER */
};

/* Initializes this thread's loop. If options is NULL, uses all defaults. On
 * failure, loop_init has released everything.
 *
 * Returns 0        success
 *         -ENOMEM  no memory for handles, timers or stacks
 *         -errno   from ring_init */
int loop_init(struct loop *loop, const struct loop_options *options);

/* Releases the loop. Asserts that no task is alive and no operation is in
 * flight. Both are true after loop_run has returned, with one exception: after
 * -EDEADLK, the loop cannot be released. Accepts a zeroed loop. */
void loop_finish(struct loop *loop);

/* Runs fn(arg) as the first task. Returns when all tasks have ended and all
 * operations have completed.
 *
 * Returns result    the result of fn
 *         -EBUSY    tasks were alive when fn returned, which is a bug. The loop
 *                   printed their names to stderr. It cancelled them, and also
 *                   all tasks spawned later. All these tasks have ended
 *         -EDEADLK  the tasks named on stderr wait for events that cannot
 *                   happen; the loop can neither continue nor be finished
 *         -EAGAIN   tasks_max tasks are alive
 *         -ENOMEM   no memory for the guard page of fn's stack */
int loop_run(struct loop *loop, task_fn *fn, void *arg);

/* Runs one iteration, and waits in step (3) only if may_wait is true. Called by
 * loop_run and by bridge.c. Returns 0, or -errno from ring_enter. */
int loop_step(struct loop *loop, bool may_wait);

/* Returns this thread's loop. Asserts that there is one. */
struct loop *loop_current(void);

/* Returns the time of CLOCK_MONOTONIC in ns. The result changes at most once
 * per iteration: after step (3) if a timer is armed, otherwise at the first
 * call. */
uint64_t loop_now_ns(void);

/* Arms timer, or moves its deadline. Step (2) calls timer->fire, which must not
 * suspend, at least delay_ns after the current loop_now_ns(). The caller owns
 * timer and must not move it in memory until it has fired or was cancelled.
 * loop_run may return while timers are armed. Returns 0, or -ENOSPC if no timer
 * is free. */
int loop_call_later(struct timer *timer, uint64_t delay_ns);

/* Disarms timer, in O(log n). Does nothing if it is not armed. */
void loop_cancel_timer(struct timer *timer);

/* Puts op in flight. Returns a cleared SQE with op's handle. Fill it with an
 * io_uring_prep_* function; step (3) submits it. op->complete must be set, and
 * a slot must be free: call loop_await_slot in a task, and check loop_has_slot
 * elsewhere. */
struct io_uring_sqe *loop_sqe(struct op *op);

/* Returns true from loop_sqe until the terminal CQE of op. */
static inline bool op_is_in_flight(const struct op *op)
{
    return op->handle != HANDLE_NONE;
}

/* Returns true if an operation can be put in flight now. */
bool loop_has_slot(void);

/* Suspends the current task until an operation can be put in flight. Cannot be
 * interrupted. */
void loop_await_slot(void);

/* Suspends until a slot is free, then calls loop_sqe. */
struct io_uring_sqe *loop_await_sqe(struct op *op);

/* Requests that the kernel cancel op. op stays in flight, and the kernel owns
 * its buffer, until op's own terminal CQE, whose result may still be success.
 * Does nothing if op is not in flight. */
void loop_cancel(struct op *op);

/* Returns the number of operations in flight. */
uint32_t loop_in_flight(const struct loop *loop);

#endif
