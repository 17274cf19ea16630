/* await.c: ring operations as calls that suspend the task; see await.h.
 * Introduced in phase 3. Needs: await.h, err.h, operation.h, tools.h.
 *
 * What it teaches: how a completion becomes the return value of a function.
 * The operation, its future and its interrupt callback are in one stack frame
 * of the waiting task, so nothing is allocated. */
#include "await.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "err.h"
#include "operation.h"
#include "tools.h"

#define ERESTARTSYS 512 /* not in user-space headers */

static void op_on_complete(struct op *op, int result, uint32_t flags)
{
    struct await *await = container_of(op, struct await, op);

    /* A struct await handles only one CQE. So do not use it for a zero-copy
     * send, which posts two CQEs. */
    assert(!(flags & IORING_CQE_F_MORE));
    future_complete(&await->future, result);
}

void cancel_await(struct await *await)
{
    await->is_cancelled = true;
    if (await->is_held) {
        await->is_held = false;
        future_complete(&await->future, -ECANCELED);
    } else {
        loop_cancel(&await->op);
    }
}

static void op_on_interrupt(struct task_wait *wait)
{
    cancel_await(container_of(wait, struct await, wait));
}

/* If an interruption is pending, holds the SQE instead of submitting it, and
 * await_result returns the interruption. A cancel after the submit would be too
 * late for an operation that completes during the submit, such as a read of a
 * cached file. If a task made only such calls, none of them would return the
 * interruption. */
struct io_uring_sqe *await_start(struct await *await)
{
    await->op = (struct op){.complete = op_on_complete};
    await->future = (struct future){0};
    await->wait.interrupt = op_on_interrupt;
    await->is_cancelled = false;
    await->is_held = task_current()->interruption != 0;
    if (await->is_held) {
        memset(&await->held, 0, sizeof await->held);
        return &await->held;
    }
    return loop_await_sqe(&await->op);
}

static void await_submit_held(struct await *await)
{
    struct io_uring_sqe *sqe = loop_await_sqe(&await->op);

    await->held.user_data = sqe->user_data;
    *sqe = await->held;
    await->is_held = false;
}

/* Returns the pending interruption. If another call has already returned the
 * interruption, starts the operation and returns its result. */
int await_result_when_held(struct await *await)
{
    if (task_current()->interruption != 0)
        return task_take_interruption();
    await_submit_held(await);
    return await_result(await);
}

/* The errno alone does not show whether an interruption of the task caused the
 * error. If the kernel cannot create an io-wq worker, it completes an operation
 * with -ECANCELED although this program has not cancelled it. That error
 * becomes -ERR_NO_WORKER, so that the caller does not conclude that its task
 * was cancelled. */
int failure_of_await(const struct await *await, int result)
{
    /* A cancelled operation completes with -ECANCELED, or with -EINTR if the
     * kernel interrupted the io-wq worker that ran it. A cancelled open may
     * complete with the kernel's internal -ERESTARTSYS. */
    bool is_interrupted = result == -ECANCELED || result == -EINTR ||
                          result == -ERESTARTSYS;

    if (is_interrupted && task_current()->interruption != 0)
        return task_take_interruption();
    if (result == -ECANCELED && !await->is_cancelled) {
        loop_current()->no_worker_count++;
        return -ERR_NO_WORKER;
    }
    return result == -ERESTARTSYS ? -EINTR : result;
}

int await_result_uninterrupted(struct await *await)
{
    if (await->is_held)
        await_submit_held(await); /* despite the interruption */
    return future_wait_until_done(&await->future, NULL);
}

int await_result_of(struct await *await, const void *buf, size_t len)
{
    int result;

    assert(len <= AWAIT_LEN_MAX);
    tools_kernel_owns(buf, len);
    result = await_result(await);
    tools_kernel_done(buf, len);
    return result;
}

int await_poll(int fd, unsigned events)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_poll_add(sqe, fd, events);
    return await_result(&await);
}

int await_nop(void)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_nop(sqe);
    return await_result(&await);
}

/* A sleep is a future that a timer completes. It does not need an operation,
 * because the loop's wait ends at the next timer. */
struct sleep {
    struct timer timer;
    struct future future;
};

static void wake_up(struct timer *timer)
{
    future_complete(&container_of(timer, struct sleep, timer)->future, 0);
}

int await_sleep_ns(uint64_t delay_ns)
{
    struct timers *timers = &loop_current()->sched.timers;
    struct sleep sleep = {.timer.fire = wake_up};
    int rc = timer_arm(timers, &sleep.timer,
                       timer_after_ns(loop_now_ns(), delay_ns));

    if (rc < 0)
        return rc;
    rc = future_wait(&sleep.future);
    timer_disarm(timers, &sleep.timer);
    return rc;
}

void deadline_set_ns(uint64_t delay_ns)
{
    task_set_deadline(timer_after_ns(loop_now_ns(), delay_ns));
}

void deadline_clear(void)
{
    task_set_deadline(TIMER_NEVER);
}
