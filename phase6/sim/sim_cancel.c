/* sim_cancel.c: cancels; see sim_cancel.h.
 *
 * What it teaches: a cancel has three results. It ends the operation (0), it
 * does not find the operation (-ENOENT), or a worker is performing the
 * operation (-EALREADY). After the last two, the operation completes with its
 * own result, which may be a new descriptor or a buffer. */
#include "sim_cancel.h"

#include <errno.h>

#include "sim_check.h"
#include "sim_kinds.h"
#include "sim_op.h"
#include "sim_ops.h"

/* An operation after another one in its chain has not begun, and one that has a
 * result is over: the kernel finds neither. A worker can only be
 * interrupted, and it notices that only while it waits. */
int cancel_newest(const struct sim_op *op, uint64_t user_data)
{
    struct sim_op *target = ops_find(op, user_data);

    if (target == NULL)
        return -ENOENT;
    if (target->state == OP_RUNNING) {
        target->is_interrupted = true;
        return -EALREADY;
    }
    op_fire(target, -ECANCELED);
    return 0;
}

int kind_run_cancel(struct sim_op *op)
{
    if (op->sqe.cancel_flags != 0)
        check_fail("simulated-operation", "the flags %#x of a cancel are not "
                   "simulated", op->sqe.cancel_flags);
    return cancel_newest(op, op->sqe.addr);
}
