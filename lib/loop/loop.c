/* loop.c: the event loop; see loop.h.
 * Introduced in phase 3. Needs: loop.h, sys.h, sys_end.h.
 *
 * What it teaches: an event loop on a completion ring repeats five steps in a
 * fixed order. epoll_wait only reports which reads and writes can be tried.
 * Here one system call, in step (3), submits operations and gets results. */
#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sys.h"
#include "sys_end.h"

#define TASKS_DEFAULT 1024u
#define STACK_DEFAULT (64u << 10)
#define TIMERS_DEFAULT 64u

/* The maximum number of CQEs to copy out of the CQ in one call. */
#define REAP_BATCH 32u

static _Thread_local struct loop *current;

int loop_init(struct loop *loop, const struct loop_options *options)
{
    struct loop_options o = {.tasks_max = 0}; /* all defaults */
    int rc;

    assert(current == NULL); /* one per thread */
    if (options != NULL)
        o = *options;
    memset(loop, 0, sizeof *loop);
    rc = ring_init(&loop->ring, &o.ring);
    if (rc < 0)
        return rc;
    rc = handle_table_init(&loop->ops, loop->ring.cq_entries);
    if (rc < 0)
        goto finish_ring;
    rc = sched_init(&loop->sched, o.tasks_max ? o.tasks_max : TASKS_DEFAULT,
                    o.stack_len ? o.stack_len : STACK_DEFAULT,
                    o.timers_max ? o.timers_max : TIMERS_DEFAULT);
    if (rc < 0)
        goto finish_ops;
    loop->now_ns = sys_now_ns();
    current = loop;
    return 0;

finish_ops:
    handle_table_finish(&loop->ops);
finish_ring:
    ring_finish(&loop->ring);
    return rc;
}

void loop_finish(struct loop *loop)
{
    assert(loop->ops.count == 0);
    sched_finish(&loop->sched);
    handle_table_finish(&loop->ops);
    ring_finish(&loop->ring);
    if (current == loop)
        current = NULL;
}

struct loop *loop_current(void)
{
    assert(current != NULL);
    return current;
}

uint64_t loop_now_ns(void)
{
    struct loop *loop = loop_current();

    if (loop->now_is_old) {
        loop->now_ns = sys_now_ns();
        loop->now_is_old = false;
    }
    return loop->now_ns;
}

int loop_call_later(struct timer *timer, uint64_t delay_ns)
{
    return timer_arm(&loop_current()->sched.timers, timer,
                     timer_after_ns(loop_now_ns(), delay_ns));
}

void loop_cancel_timer(struct timer *timer)
{
    timer_disarm(&loop_current()->sched.timers, timer);
}

uint32_t loop_in_flight(const struct loop *loop)
{
    return loop->ops.count;
}

bool loop_has_slot(void)
{
    return !handle_table_is_full(&loop_current()->ops);
}

void loop_await_slot(void)
{
    struct loop *loop = loop_current();

    while (handle_table_is_full(&loop->ops)) {
        queue_push(&loop->op_waiters, &task_current()->node);
        task_park(NULL);
    }
}

static struct io_uring_sqe *put_in_flight(struct loop *loop, struct op *op)
{
    assert(!op_is_in_flight(op) && op->complete != NULL);
    op->handle = handle_take(&loop->ops, op);
    return ring_sqe(&loop->ring, op->handle);
}

struct io_uring_sqe *loop_sqe(struct op *op)
{
    return put_in_flight(loop_current(), op);
}

struct io_uring_sqe *loop_await_sqe(struct op *op)
{
    struct loop *loop = loop_current();

    if (handle_table_is_full(&loop->ops))
        loop_await_slot();
    return put_in_flight(loop, op);
}

void loop_cancel(struct op *op)
{
    struct io_uring_sqe *sqe;

    if (!op_is_in_flight(op))
        return;
    /* The CQE of the cancel is ignored: its result may be -ENOENT or -EALREADY
     * although the operation is still running. */
    sqe = ring_sqe(&loop_current()->ring, HANDLE_NONE);
    io_uring_prep_cancel64(sqe, op->handle, 0);
}

/* Handles one CQE. Operations end only in this function. */
static void complete(struct loop *loop, const struct io_uring_cqe *cqe)
{
    struct op *op = handle_find(&loop->ops, cqe->user_data);

    if (op == NULL) {
        loop->stale_cqes += cqe->user_data != HANDLE_NONE;
        return;
    }
    if (!(cqe->flags & IORING_CQE_F_MORE)) {
        struct queue_node *waiter;

        handle_release(&loop->ops, cqe->user_data);
        op->handle = HANDLE_NONE;
        waiter = queue_pop(&loop->op_waiters);
        if (waiter != NULL)
            task_make_ready(container_of(waiter, struct task, node));
    }
    op->complete(op, cqe->res, cqe->flags);
}

/* Reaps at most as many CQEs as the CQ has entries. Without this limit, reap
 * might never return, because the kernel may post new CQEs while reap runs. */
static void reap(struct loop *loop)
{
    struct io_uring_cqe cqes[REAP_BATCH];
    uint32_t left = loop->ring.cq_entries;

    while (left > 0) {
        unsigned count = ring_take(&loop->ring, cqes,
                                   left < REAP_BATCH ? left : REAP_BATCH);

        if (count == 0)
            break;
        for (unsigned i = 0; i < count; i++)
            complete(loop, &cqes[i]);
        left -= count;
    }
}

/* Returns true if a task is ready, an operation is in flight, or a timer is
 * armed that a task may be waiting for. */
static bool can_progress(const struct loop *loop)
{
    return !sched_is_idle(&loop->sched) || loop->ops.count > 0 ||
           (loop->sched.count > 0 &&
            timers_next_ns(&loop->sched.timers) != TIMER_NEVER);
}

static int enter_if_needed(struct loop *loop)
{
    return ring_needs_enter(&loop->ring) ? ring_enter(&loop->ring, 0, 0) : 0;
}

/* Performs step (3) of an iteration. */
static int enter(struct loop *loop, bool may_wait)
{
    uint64_t next_ns = timers_next_ns(&loop->sched.timers);
    uint64_t now_ns;

    if (!may_wait || !sched_is_idle(&loop->sched) || !can_progress(loop))
        return enter_if_needed(loop);
    if (next_ns == TIMER_NEVER)
        return ring_enter(&loop->ring, 1, RING_FOREVER);
    /* loop->now_ns is outdated, because tasks have run since it was read. */
    now_ns = sys_now_ns();
    if (next_ns <= now_ns)
        return enter_if_needed(loop);
    return ring_enter(&loop->ring, 1, next_ns - now_ns);
}

int loop_step(struct loop *loop, bool may_wait)
{
    int rc;

    assert(loop == current && loop->sched.current == NULL);
    loop->iterations++;
    sched_run(&loop->sched, LOOP_TASK_BUDGET);                         /* (1) */
    timers_fire(&loop->sched.timers, loop->now_ns, LOOP_TIMER_BUDGET); /* (2) */
    rc = enter(loop, may_wait);                                        /* (3) */
    /* Read the clock only if the time is needed: reading it takes as long as
     * three task switches. */
    loop->now_is_old = true;
    if (timers_next_ns(&loop->sched.timers) != TIMER_NEVER)
        (void)loop_now_ns();
    reap(loop);                                                        /* (4) */
    return rc;
}

/* Prints one line for each live task. */
static void name_tasks(const struct loop *loop, const char *what)
{
    for (struct task *task = loop->sched.tasks; task != NULL;
         task = task->next) {
        char line[160];
        int len = snprintf(line, sizeof line, "%s: task '%s'\n", what,
                           task->name);

        if (len > 0)
            sys_print_error(line, (size_t)len < sizeof line ? (size_t)len
                                                            : sizeof line - 1);
    }
}

struct first {
    struct task task;
    bool left_some; /* other tasks were alive when it ended */
};

/* Runs when the first task ends, before the loop can block to wait for the
 * other tasks. */
static void first_ended(struct task *task)
{
    struct loop *loop = loop_current();

    if (loop->sched.count == 0)
        return;
    container_of(task, struct first, task)->left_some = true;
    name_tasks(loop, "still alive when the first task ended");
    loop->sched.is_ending = true; /* cancels tasks that are spawned later */
    for (task = loop->sched.tasks; task != NULL; task = task->next)
        task_cancel(task);
}

int loop_run(struct loop *loop, task_fn *fn, void *arg)
{
    struct first first = {.task.on_end = first_ended};
    int rc;

    loop->sched.is_ending = false; /* an earlier run may have set it */
    rc = task_spawn(&first.task, "main", fn, arg);
    if (rc < 0)
        return rc;
    while (loop->sched.count > 0 || loop->ops.count > 0) {
        if (!can_progress(loop)) {
            name_tasks(loop, "waits for nothing that can happen");
            return -EDEADLK;
        }
        rc = loop_step(loop, true);
        if (rc < 0)
            sys_end_without_ring(rc);
    }
    return first.left_some ? -EBUSY : first.task.result;
}
