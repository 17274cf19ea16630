/* sim_op.c: an operation, from its SQE to its terminal CQE; see sim_op.h.
 *
 * What it teaches: a program cannot observe every state of an operation.
 * Between the event and the CQE, the operation is over for the kernel, but not
 * for the program. Most bugs of cancels happen in that time. */
#include "sim_op.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "sim_check.h"
#include "sim_errno.h"
#include "sim_knobs.h"
#include "sim_memory.h"
#include "sim_pick.h"
#include "sim_ring.h"
#include "sim_world.h"

#define OPS_MAX 512u

static struct {
    struct sim_op pool[OPS_MAX];
    struct sim_op *unused[OPS_MAX];
    struct sim_op *live[OPS_MAX]; /* in the order of their submits */
    unsigned live_count;
    uint64_t fired_count;
} ops;

static bool is_ready(const struct sim_op *op)
{
    unsigned wanted = op_kind(op->sqe.opcode)->poll;

    if (op->file == NULL || op->file->class->poll == NULL || wanted == 0)
        return true;
    if (op->sqe.opcode == IORING_OP_POLL_ADD)
        wanted = op->sqe.poll32_events;
    return (op->file->class->poll(op->file) &
            (wanted | POLLERR | POLLHUP)) != 0;
}

static void fire(void *object)
{
    struct sim_op *op = object;

    op->state = OP_FIRED;
    op->fired_order = ops.fired_count++;
    if (op->ring->flags & IORING_SETUP_TASKRUN_FLAG)
        op->ring->shared->sq_flags |= IORING_SQ_TASKRUN;
    if (ring_is_deferred(op->ring))
        ring_signal(op->ring); /* the CQE comes later, in an enter */
}

void op_fire(struct sim_op *op, int result)
{
    if (op->is_lent)
        memory_check(op);
    op->has_result = true;
    op->result = result;
    fire(op);
}

static void expire(void *object)
{
    struct sim_op *op = object;

    op->ring->timeouts++;
    op_fire(op, -ETIME);
}

/* A worker takes an operation from io-wq's queue. If no worker can be created,
 * the kernel cancels the operation. */
static void worker_take(void *object)
{
    struct sim_op *op = object;

    op->state = OP_RUNNING;
    if (knob(KNOB_NO_WORKER))
        op_fire(op, -ECANCELED);
}

static void forget(struct sim_op *op)
{
    unsigned i = 0;

    while (ops.live[i] != op)
        i++;
    memmove(&ops.live[i], &ops.live[i + 1],
            (--ops.live_count - i) * sizeof *ops.live);
    ops.unused[ops.live_count] = op;
    if (op->file != NULL)
        file_release(op->file);
}

/* Posts the terminal CQE. Then the next operation of the chain is issued, or,
 * after a failure, the rest of the chain is cancelled, both in task work. */
static void complete(struct sim_op *op, int result)
{
    const struct op_kind *kind = op_kind(op->sqe.opcode);
    struct sim_op *next = op->next;
    bool is_failed = result < 0 || (kind->breaks_if_short &&
                                    (uint32_t)result != op->sqe.len);
    bool is_broken = is_failed && !(op->sqe.flags & IOSQE_IO_HARDLINK);
    bool skips = (op->sqe.flags & IOSQE_CQE_SKIP_SUCCESS) != 0;

    if (!op->is_silent && (is_failed || !skips))
        ring_post(op->ring, op->sqe.user_data, result, op->flags);
    if (result >= 0) /* errors alone are not progress */
        check_progress();
    for (; next != NULL; next = is_broken ? next->next : NULL) {
        next->is_new = !is_broken;
        next->is_silent = is_broken && skips;
        if (is_broken)
            op_fire(next, -ECANCELED);
        else
            fire(next);
    }
    forget(op);
}

/* Tries to perform the operation. */
static void attempt(struct sim_op *op)
{
    int result;

    memory_check(op);
    result = errno_inject(op);
    if (result == 0)
        result = op_kind(op->sqe.opcode)->run(op);
    if (result == OP_WAITS)
        op->state = OP_WAITING;
    else if (result == OP_SLEEPS)
        op->state = OP_TIMER;
    else
        complete(op, result);
}

/* A worker performs the operation. It posts the CQE in the task work of the
 * program's thread. */
static void worker_run(void *object)
{
    struct sim_op *op = object;
    int result;

    memory_check(op);
    result = op_kind(op->sqe.opcode)->run(op);
    if (result == OP_WAITS && op->is_interrupted)
        result = -EINTR;
    op->is_lent = result == OP_WAITS;
    if (!op->is_lent)
        op_fire(op, result);
}

static void work_on(void *object)
{
    struct sim_op *op = object;

    if (op->is_new) {
        op->is_new = false;
        op_issue(op);
    } else if (op->has_result) {
        complete(op, op->result);
    } else {
        attempt(op);
    }
}

static void offer_events(void)
{
    for (unsigned i = 0; i < ops.live_count; i++) {
        struct sim_op *op = ops.live[i];

        if (op->state == OP_WAITING && is_ready(op))
            world_offer(fire, op);
        else if (op->state == OP_TIMER)
            world_offer_at(op->due_ns, expire, op);
        else if (op->state == OP_QUEUED)
            world_offer(worker_take, op);
        else if (op->state == OP_RUNNING &&
                 (op->is_interrupted || is_ready(op)))
            world_offer(worker_run, op);
        else if (op->state == OP_FIRED && !ring_is_deferred(op->ring))
            world_offer(work_on, op);
    }
}

void op_begin(void)
{
    ops.live_count = 0;
    ops.fired_count = 0;
    for (unsigned i = 0; i < OPS_MAX; i++)
        ops.unused[i] = &ops.pool[i];
    world_add_source(offer_events);
}

struct sim_op *op_take(struct sim_ring *ring, const struct io_uring_sqe *sqe)
{
    const unsigned known = IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_ASYNC |
                           IOSQE_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS;
    const struct op_kind *kind = op_kind(sqe->opcode);
    struct sim_op *op;

    check_that(kind->name != NULL, "simulated-operation",
               "there is no simulated opcode", sqe->opcode);
    check_that((sqe->flags & ~known) == 0, "simulated-operation",
               "not all flags are simulated of opcode", sqe->opcode);
    assert(ops.live_count < OPS_MAX);
    op = ops.unused[ops.live_count];
    *op = (struct sim_op){.sqe = *sqe, .ring = ring, .state = OP_LINKED,
                          .parts[0] = {(void *)(uintptr_t)sqe->addr, sqe->len},
                          .part_count = 1};
    ops.live[ops.live_count++] = op;
    if (kind->prepare != NULL)
        kind->prepare(op);
    check_trace("submit %s %#llx fd %d len %u", kind->name,
                (unsigned long long)sqe->user_data, sqe->fd, sqe->len);
    return op;
}

void op_issue(struct sim_op *op)
{
    const struct op_kind *kind = op_kind(op->sqe.opcode);

    if (kind->has_file) {
        op->file = file_of(op->sqe.fd);
        if (op->file == NULL)
            check_fail("no-operation-on-a-closed-fd",
                       "a %s uses fd %d, which is closed", kind->name,
                       op->sqe.fd);
        file_take(op->file);
    }
    memory_lend(op);
    op->is_lent = true;
    if (kind->must_punt || (kind->may_punt &&
                            (op->sqe.flags & IOSQE_ASYNC || knob(KNOB_PUNT))))
        op->state = OP_QUEUED;
    else if (kind->may_poll_first &&
             (op->sqe.ioprio & IORING_RECVSEND_POLL_FIRST))
        op->state = OP_WAITING;
    else if (kind->poll != 0 && knob(KNOB_PUNT))
        op->state = OP_WAITING; /* the event comes just after the submit */
    else
        attempt(op);
}

bool op_post_more(struct sim_op *op, int result, uint32_t flags)
{
    if (ring_is_full(op->ring))
        return false;
    ring_post(op->ring, op->sqe.user_data, result, flags | IORING_CQE_F_MORE);
    check_progress();
    return true;
}

static struct sim_op *oldest_fired(const struct sim_ring *ring)
{
    struct sim_op *oldest = NULL;

    for (unsigned i = 0; i < ops.live_count; i++) {
        struct sim_op *op = ops.live[i];

        if (op->ring == ring && op->state == OP_FIRED &&
            (oldest == NULL || op->fired_order < oldest->fired_order))
            oldest = op;
    }
    return oldest;
}

bool op_work(struct sim_ring *ring)
{
    struct sim_op *op;

    while ((op = oldest_fired(ring)) != NULL) {
        work_on(op);
        if (knob(KNOB_LAZY_WORK))
            break;
    }
    return oldest_fired(ring) != NULL;
}

struct sim_op *op_find(const struct sim_op *op, uint64_t user_data)
{
    for (unsigned i = ops.live_count; i-- > 0;)
        if (ops.live[i] != op && ops.live[i]->ring == op->ring &&
            ops.live[i]->sqe.user_data == user_data)
            return ops.live[i];
    return NULL;
}

unsigned op_count(const struct sim_ring *ring, bool is_named)
{
    unsigned count = 0;

    for (unsigned i = 0; i < ops.live_count; i++)
        count += ops.live[i]->ring == ring &&
                 (!is_named || ops.live[i]->sqe.user_data != 0);
    return count;
}
