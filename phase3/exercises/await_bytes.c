/* await_bytes: an operation as a call, and a cancel that loses nothing.
 *
 * The task: write await_bytes, without await.h. await_bytes.h has its contract.
 *
 *   - loop_await_sqe(&op) returns an SQE to fill. The loop submits it later,
 *     and calls op.complete with the result. In op.complete, complete a future.
 *   - future_wait_until_done(&future, &wait) suspends the task. If the task is
 *     cancelled, the scheduler calls wait.interrupt. In wait.interrupt, call
 *     loop_cancel. The read's own CQE then ends the wait.
 *   - op, future and wait may be local variables, because your function returns
 *     only after the CQE.
 *   - task_take_interruption returns a cancel that is pending, and clears it.
 *     Call it only if the read was cancelled. */
#include "await_bytes.h"

#include <errno.h>

int await_bytes(int pipe, void *buf, unsigned len)
{
    return -ENOSYS; /* yours */
}
