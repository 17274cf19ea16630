/* sim_op.c: an operation, from its SQE to its terminal CQE; see sim_op.h.
 *
 * What it teaches: a program cannot observe every state of an operation.
 * Between the event and the CQE, the operation is over for the kernel, but not
 * for the program. Most bugs of cancels happen in that time. */
#include "sim_op.h"

#include <errno.h>
#include <poll.h>

#include "sim_chain.h"
#include "sim_check.h"
#include "sim_errno.h"
#include "sim_event.h"
#include "sim_knobs.h"
#include "sim_memory.h"
#include "sim_ops.h"
#include "sim_registered.h"
#include "sim_ring.h"
#include "sim_world.h"

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

static void fire(struct sim_op *op)
{
    /* The file has woken the operation: its writer is still in its call. */
    bool is_nested = op->state == OP_WAITING && !op->has_result &&
                     event_is(op->file);

    op->state = OP_FIRED;
    op->fired_order = op->ring->fired_count++;
    if (op->ring->flags & IORING_SETUP_TASKRUN_FLAG)
        op->ring->shared->sq_flags |= IORING_SQ_TASKRUN;
    if (ring_is_deferred(op->ring)) /* the CQE comes later, in an enter */
        ring_signal(op->ring, is_nested);
}

void op_issue_later(struct sim_op *op)
{
    op->is_new = true;
    fire(op);
}

void op_retry_later(struct sim_op *op)
{
    fire(op);
}

void op_fire(struct sim_op *op, int result)
{
    if (op->is_lent)
        memory_check(op);
    op->has_result = true;
    op->result = result;
    fire(op);
}

size_t op_len(const struct sim_op *op)
{
    size_t len = 0;

    for (unsigned i = 0; i < op->part_count; i++)
        len += op->parts[i].iov_len;
    return len;
}

/* Posts the CQE with the result, and decides about the rest of the chain. A
 * zero-copy send has one more CQE: its notice. */
static void complete(struct sim_op *op, int result)
{
    const struct op_kind *kind = op_kind(op->sqe.opcode);
    bool has_notice = kind->has_notice && !(op->flags & IORING_CQE_F_NOTIF);
    bool is_failed = result < 0 || (kind->breaks_if_short &&
                                    (size_t)result != op_len(op));
    bool skips = (op->sqe.flags & IOSQE_CQE_SKIP_SUCCESS) != 0;

    if (has_notice && op->is_lent)
        op->flags = IORING_CQE_F_MORE; /* without a link that is broken */
    if (!op->is_silent && (is_failed || !skips))
        ring_post(op->ring, op->sqe.user_data, result, op->flags);
    if (result >= 0) /* errors alone are not progress */
        check_progress();
    chain_go_on(op, is_failed);
    if (!has_notice) {
        ops_remove(op);
        return;
    }
    /* The kernel has done with the socket, and not with the memory. */
    if (op->file != NULL)
        file_release(op->file);
    op->file = NULL;
    op->has_result = false;
    op->flags = 0;
    op->state = OP_NOTICE;
}

/* Makes the operation wait. Its linked timeout begins. */
static void park(struct sim_op *op, enum op_state state)
{
    op->state = state;
    chain_arm_limit(op);
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
        park(op, OP_WAITING);
    else if (result == OP_SLEEPS)
        park(op, OP_TIMER);
    else
        complete(op, result);
}

static void work_on(struct sim_op *op)
{
    if (op->is_new) {
        op->is_new = false;
        op_issue(op);
    } else if (op->has_result) {
        complete(op, op->result);
    } else {
        attempt(op);
    }
}

/* A worker performs the operation. It posts the CQE in the task work of the
 * program's thread. */
static void worker_run(struct sim_op *op)
{
    int result;

    memory_check(op);
    result = op_kind(op->sqe.opcode)->run(op);
    if (result == OP_WAITS && op->is_interrupted)
        result = -EINTR;
    op->is_lent = result == OP_WAITS;
    if (!op->is_lent)
        op_fire(op, result);
}

/* An event of an operation: what it is depends on the state. */
static void happen(void *object)
{
    struct sim_op *op = object;

    switch (op->state) {
    case OP_TIMER:
        if (chain_expire(op))
            break;
        op->ring->timeouts++;
        op_fire(op, -ETIME);
        break;
    case OP_NOTICE: /* the kernel has released the memory */
        op->flags = IORING_CQE_F_NOTIF;
        op_fire(op, 0);
        break;
    case OP_QUEUED: /* io-wq may have no worker, and may not get one */
        op->state = OP_RUNNING;
        if (knob(KNOB_NO_WORKER))
            op_fire(op, -ECANCELED);
        break;
    case OP_RUNNING:
        worker_run(op);
        break;
    case OP_FIRED:
        work_on(op);
        break;
    default:
        fire(op);
    }
}

void op_offer(struct sim_op *op)
{
    bool waits_for_file = op->state == OP_WAITING || op->state == OP_RUNNING;

    if (op->state == OP_LINKED ||
        (op->state == OP_FIRED && ring_is_deferred(op->ring)) ||
        (waits_for_file && !op->is_interrupted && !is_ready(op)))
        return;
    world_offer_at(op->state == OP_TIMER ? op->due_ns : 0, happen, op);
}

struct sim_op *op_take(struct sim_ring *ring, const struct io_uring_sqe *sqe)
{
    const unsigned known = IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_ASYNC |
                           IOSQE_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS |
                           IOSQE_FIXED_FILE;
    const struct op_kind *kind = op_kind(sqe->opcode);
    struct sim_op *op;

    check_that(kind->name != NULL, "simulated-operation",
               "there is no simulated opcode", sqe->opcode);
    check_that((sqe->flags & ~known) == 0, "simulated-operation",
               "not all flags are simulated of opcode", sqe->opcode);
    op = ops_add(ring, sqe);
    if (kind->prepare != NULL)
        kind->prepare(op);
    check_trace("submit %s %#llx fd %d len %u", kind->name,
                (unsigned long long)sqe->user_data, sqe->fd, sqe->len);
    return op;
}

/* Finds the file of an operation. An empty slot of the ring's table is an error
 * of the operation, and a closed descriptor is a bug of the program. */
static bool find_file(struct sim_op *op, const struct op_kind *kind)
{
    if (op->sqe.flags & IOSQE_FIXED_FILE)
        op->file = registered_file(op->sqe.fd);
    else
        op->file = file_of(op->sqe.fd);
    if (op->file == NULL && (op->sqe.flags & IOSQE_FIXED_FILE))
        return false;
    if (op->file == NULL)
        check_fail("no-operation-on-a-closed-fd",
                   "a %s uses fd %d, which is closed", kind->name, op->sqe.fd);
    file_take(op->file);
    return true;
}

/* Tries the operation, or makes it wait for a worker or for an event. The close
 * of a slot changes only the ring's table, so it needs no worker. */
void op_issue(struct sim_op *op)
{
    const struct op_kind *kind = op_kind(op->sqe.opcode);
    bool may_punt = kind->may_punt && (op->sqe.opcode != IORING_OP_CLOSE ||
                                       op->sqe.file_index == 0);

    chain_find_limit(op);
    if (kind->has_file && !find_file(op, kind)) {
        complete(op, -EBADF);
        return;
    }
    memory_lend(op);
    op->is_lent = true;
    if (kind->must_punt ||
        (may_punt && (op->sqe.flags & IOSQE_ASYNC || knob(KNOB_PUNT))))
        op->state = OP_QUEUED;
    else if (kind->may_poll_first &&
             (op->sqe.ioprio & IORING_RECVSEND_POLL_FIRST))
        park(op, OP_WAITING);
    else if (kind->poll != 0 && knob(KNOB_PUNT))
        park(op, OP_WAITING); /* the event comes just after the submit */
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

bool op_work(struct sim_ring *ring)
{
    struct sim_op *op;

    while ((op = ops_oldest_fired(ring)) != NULL) {
        work_on(op);
        if (knob(KNOB_LAZY_WORK))
            break;
    }
    return ops_oldest_fired(ring) != NULL;
}
