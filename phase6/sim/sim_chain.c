/* sim_chain.c: operations after a link, and linked timeouts; see sim_chain.h.
 *
 * What it teaches: a linked timeout is an operation that has its own CQE, so it
 * may lose the race against its operation. It remembers the user_data of its
 * operation, and not the operation: the kernel cancels the newest operation
 * that has this user_data. It limits a wait, and not the work of an io-wq
 * worker. */
#include "sim_chain.h"

#include <errno.h>

#include "sim_cancel.h"
#include "sim_check.h"
#include "sim_kinds.h"
#include "sim_world.h"

/* The kernel copies the time now. */
void kind_prepare_link_timeout(struct sim_op *op)
{
    if (op->sqe.timeout_flags != 0)
        check_fail("simulated-operation", "a linked timeout with flags %#x is "
                   "not simulated", op->sqe.timeout_flags);
    op->due_ns = kind_time_ns(op);
}

void chain_find_limit(struct sim_op *op)
{
    struct sim_op *limit = op->next;

    if (limit == NULL || limit->sqe.opcode != IORING_OP_LINK_TIMEOUT)
        return;
    op->next = limit->next;
    limit->next = NULL;
    limit->limited = op;
    op->limit = limit;
}

void chain_arm_limit(struct sim_op *op)
{
    struct sim_op *limit = op->limit;

    if (limit == NULL || limit->state != OP_LINKED)
        return;
    limit->state = OP_TIMER;
    limit->due_ns += world_now_ns();
}

bool chain_expire(struct sim_op *op)
{
    if (op->sqe.opcode != IORING_OP_LINK_TIMEOUT)
        return false;
    op->target = op->limited->sqe.user_data;
    op->limited->limit = NULL;
    op->limited = NULL;
    op_retry_later(op);
    return true;
}

/* In the next enter. The operation may have completed since then. */
int kind_run_link_timeout(struct sim_op *op)
{
    int rc;

    if (op->state != OP_FIRED)
        check_fail("simulated-operation", "a linked timeout limits nothing");
    rc = cancel_newest(op, op->target);
    return rc == 0 ? -ETIME : rc;
}

/* The next operation of the chain is issued, or, after a failure, the rest of
 * the chain is cancelled, both in task work. */
void chain_go_on(struct sim_op *op, bool is_failed)
{
    bool is_broken = is_failed && !(op->sqe.flags & IOSQE_IO_HARDLINK);
    bool skips = (op->sqe.flags & IOSQE_CQE_SKIP_SUCCESS) != 0;
    struct sim_op *next = op->next;

    if (op->limit != NULL) {
        op->limit->limited = NULL;
        op_fire(op->limit, -ECANCELED);
    }
    for (; next != NULL; next = is_broken ? next->next : NULL) {
        next->is_silent = is_broken && skips;
        if (is_broken)
            op_fire(next, -ECANCELED);
        else
            op_issue_later(next);
    }
    op->next = op->limit = NULL;
}
