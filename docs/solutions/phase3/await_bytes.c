/* await_bytes: an operation as a call, and a cancel that loses nothing.
 *
 * What it teaches: a cancel is a request. The operation ends with its own CQE,
 * and until then the kernel owns buf. */
#include "await_bytes.h"

#include <errno.h>

struct reading {
    struct op op;
    struct future future;
    struct task_wait wait;
};

static void reading_on_complete(struct op *op, int result, uint32_t flags)
{
    (void)flags;
    future_complete(&container_of(op, struct reading, op)->future, result);
}

static void reading_on_interrupt(struct task_wait *wait)
{
    loop_cancel(&container_of(wait, struct reading, wait)->op);
}

int await_bytes(int pipe, void *buf, unsigned len)
{
    struct reading reading = {
        .op.complete = reading_on_complete,
        .wait.interrupt = reading_on_interrupt,
    };
    struct io_uring_sqe *sqe = loop_await_sqe(&reading.op);
    int result, interruption = 0;

    io_uring_prep_read(sqe, pipe, buf, len, 0);
    result = future_wait_until_done(&reading.future, &reading.wait);
    if (result == -ECANCELED || result == -EINTR)
        interruption = task_take_interruption();
    return interruption != 0 ? interruption : result;
}
