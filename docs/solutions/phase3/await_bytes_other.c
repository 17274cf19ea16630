/* await_bytes: the same as await_bytes.c, in another way: without a future. The
 * callback makes the task ready, and a task that is cancelled already does not
 * begin to read. */
#include "await_bytes.h"

#include <errno.h>

struct reading {
    struct op op;
    struct task_wait wait;
    struct task *task;
    int result;
};

static void reading_on_complete(struct op *op, int result, uint32_t flags)
{
    struct reading *reading = container_of(op, struct reading, op);

    (void)flags;
    reading->result = result;
    task_make_ready(reading->task);
}

static void reading_on_interrupt(struct task_wait *wait)
{
    struct reading *reading = container_of(wait, struct reading, wait);

    loop_cancel(&reading->op);
}

int await_bytes(int pipe, void *buf, unsigned len)
{
    struct reading reading = {{.complete = reading_on_complete},
                              {.interrupt = reading_on_interrupt},
                              task_current(), 0};
    int interruption = task_take_interruption();
    struct io_uring_sqe *sqe;

    if (interruption != 0)
        return interruption;
    sqe = loop_await_sqe(&reading.op);
    sqe->opcode = IORING_OP_READ;
    sqe->fd = pipe;
    sqe->addr = (uintptr_t)buf;
    sqe->len = len;
    task_park(&reading.wait);
    if (reading.result < 0)
        interruption = task_take_interruption();
    return interruption != 0 ? interruption : reading.result;
}
