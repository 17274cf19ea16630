/* sim_kinds.c: the effect of each opcode; see sim_op.h.
 *
 * What it teaches: a cancel has three results. It ends the operation (0), it
 * does not find the operation (-ENOENT), or a worker is performing the
 * operation (-EALREADY). After the last two, the operation completes with its
 * own result, which may be a new descriptor or a buffer. */
#include <errno.h>
#include <poll.h>

#include "sim_check.h"
#include "sim_kinds.h"
#include "sim_op.h"
#include "sim_world.h"

static int run_nop(struct sim_op *op)
{
    (void)op;
    return 0;
}

/* The kernel copies the time now, and not when the SQE was filled. */
static int run_timeout(struct sim_op *op)
{
    const struct __kernel_timespec *time =
        (const void *)(uintptr_t)op->sqe.addr;

    if (op->sqe.timeout_flags != 0 || op->sqe.off != 0)
        check_fail("simulated-operation", "a timeout with flags %#x and count "
                   "%llu is not simulated", op->sqe.timeout_flags,
                   (unsigned long long)op->sqe.off);
    op->due_ns = world_now_ns() + (uint64_t)time->tv_sec * 1000000000u +
                 (uint64_t)time->tv_nsec;
    return OP_SLEEPS;
}

/* An operation after another one in its chain has not begun, and one that has a
 * result is over: the kernel finds neither. A worker can only be
 * interrupted, and it notices that only while it waits. */
static int run_cancel(struct sim_op *op)
{
    struct sim_op *target = op_find(op, op->sqe.addr);

    if (op->sqe.cancel_flags != 0)
        check_fail("simulated-operation", "the flags %#x of a cancel are not "
                   "simulated", op->sqe.cancel_flags);
    if (target == NULL || target->state == OP_LINKED || target->has_result)
        return -ENOENT;
    if (target->state == OP_RUNNING) {
        target->is_interrupted = true;
        return -EALREADY;
    }
    op_fire(target, -ECANCELED);
    return 0;
}

/* The result is the set of events, as they are now, and not as they were when
 * the poll was woken. */
static int run_poll(struct sim_op *op)
{
    unsigned wanted = op->sqe.poll32_events | POLLERR | POLLHUP;
    unsigned events = op->file->class->poll(op->file) & wanted;

    if (op->sqe.len != 0)
        check_fail("simulated-operation", "a poll with the flags %#x is not "
                   "simulated", op->sqe.len);
    return events != 0 ? (int)events : OP_WAITS;
}

static int run_read(struct sim_op *op)
{
    return op->file->class->read(op->file, (void *)(uintptr_t)op->sqe.addr,
                                 op->sqe.len, op->sqe.off);
}

/* The file counts the bytes, which may be fewer. */
static int run_write(struct sim_op *op)
{
    return op->file->class->write(op->file,
                                  (const void *)(uintptr_t)op->sqe.addr,
                                  op->sqe.len, op->sqe.off);
}

/* The descriptor is free immediately, even if the close completes later. */
static int run_close(struct sim_op *op)
{
    return file_close(op->sqe.fd);
}

/* An opcode without a row stops the run: a simulation that guesses is worse
 * than none. */
static const struct op_kind kinds[] = {
    [IORING_OP_NOP] = {.name = "nop", .run = run_nop},
    [IORING_OP_POLL_ADD] = {.name = "poll", .poll = POLLIN, .has_file = true,
                            .run = run_poll},
    [IORING_OP_TIMEOUT] = {.name = "timeout", .run = run_timeout},
    [IORING_OP_ACCEPT] = {.name = "accept", .poll = POLLIN, .has_file = true,
                          .run = kind_run_accept},
    [IORING_OP_RECV] = {.name = "recv", .poll = POLLIN, .memory = OP_FILLS,
                        .has_file = true, .may_poll_first = true,
                        .run = kind_run_recv},
    [IORING_OP_SEND] = {.name = "send", .poll = POLLOUT, .memory = OP_READS,
                        .has_file = true, .may_poll_first = true,
                        .run = kind_run_send},
    [IORING_OP_SENDMSG] = {.name = "sendmsg", .poll = POLLOUT,
                           .memory = OP_READS, .has_file = true,
                           .may_poll_first = true,
                           .prepare = kind_prepare_sendmsg,
                           .run = kind_run_send},
    [IORING_OP_SHUTDOWN] = {.name = "shutdown", .has_file = true,
                            .must_punt = true, .run = kind_run_shutdown},
    [IORING_OP_OPENAT] = {.name = "openat", .may_punt = true,
                          .prepare = kind_prepare_openat,
                          .run = kind_run_openat},
    [IORING_OP_OPENAT2] = {.name = "openat2", .may_punt = true,
                           .prepare = kind_prepare_openat2,
                           .run = kind_run_openat},
    [IORING_OP_STATX] = {.name = "statx", .memory = OP_FILLS,
                         .must_punt = true, .prepare = kind_prepare_statx,
                         .run = kind_run_statx},
    [IORING_OP_ASYNC_CANCEL] = {.name = "cancel", .run = run_cancel},
    [IORING_OP_CLOSE] = {.name = "close", .may_punt = true, .run = run_close},
    [IORING_OP_READ] = {.name = "read", .poll = POLLIN, .memory = OP_FILLS,
                        .has_file = true, .may_punt = true,
                        .breaks_if_short = true, .run = run_read},
    [IORING_OP_WRITE] = {.name = "write", .poll = POLLOUT, .memory = OP_READS,
                         .has_file = true, .may_punt = true,
                         .breaks_if_short = true, .run = run_write},
};

const struct op_kind *op_kind(unsigned opcode)
{
    static const struct op_kind none = {.name = NULL};

    return opcode < sizeof kinds / sizeof *kinds ? &kinds[opcode] : &none;
}
