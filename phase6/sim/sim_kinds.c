/* sim_kinds.c: the effect of each opcode; see sim_op.h.
 *
 * What it teaches: an opcode is a row of a table. The row says what the
 * operation waits for, who owns its memory, and whether a worker may run it.
 * The rest is the same for all opcodes. */
#include <errno.h>
#include <poll.h>

#include "sim_check.h"
#include "sim_kinds.h"
#include "sim_op.h"
#include "sim_registered.h"
#include "sim_world.h"

/* Its CQE comes with the submit, as that of any operation that is ready. */
static int run_nop(struct sim_op *op)
{
    (void)op;
    return 0;
}

/* For timeouts and linked timeouts. */
uint64_t kind_time_ns(const struct sim_op *op)
{
    const struct __kernel_timespec *time =
        (const void *)(uintptr_t)op->sqe.addr;

    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
}

/* The kernel copies the time now, and not when the SQE was filled. */
static int run_timeout(struct sim_op *op)
{
    if (op->sqe.timeout_flags != 0 || op->sqe.off != 0)
        check_fail("simulated-operation", "a timeout with flags %#x and count "
                   "%llu is not simulated", op->sqe.timeout_flags,
                   (unsigned long long)op->sqe.off);
    op->due_ns = world_now_ns() + kind_time_ns(op);
    return OP_SLEEPS;
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

/* The descriptor is free immediately, even if the close completes later. */
static int run_close(struct sim_op *op)
{
    return op->sqe.file_index > 0 ? registered_put(op->sqe.file_index - 1, NULL)
                                  : file_close(op->sqe.fd);
}

/* An opcode without a row stops the run: a simulation that guesses is worse
 * than none. */
static const struct op_kind kinds[] = {
    [IORING_OP_NOP] = {.name = "nop", .run = run_nop},
    [IORING_OP_POLL_ADD] = {.name = "poll", .poll = POLLIN, .has_file = true,
                            .run = run_poll},
    [IORING_OP_TIMEOUT] = {.name = "timeout", .run = run_timeout},
    [IORING_OP_LINK_TIMEOUT] = {.name = "linked timeout",
                                .prepare = kind_prepare_link_timeout,
                                .run = kind_run_link_timeout},
    [IORING_OP_ACCEPT] = {.name = "accept", .poll = POLLIN, .has_file = true,
                          .run = kind_run_accept},
    [IORING_OP_RECV] = {.name = "recv", .poll = POLLIN, .memory = OP_FILLS,
                        .has_file = true, .may_poll_first = true,
                        .run = kind_run_recv},
    [IORING_OP_SEND] = {.name = "send", .poll = POLLOUT, .memory = OP_READS,
                        .has_file = true, .may_poll_first = true,
                        .run = kind_run_send},
    /* The notice says when the memory is the program's again. */
    [IORING_OP_SEND_ZC] = {.name = "send zc", .poll = POLLOUT,
                           .memory = OP_READS, .has_file = true,
                           .may_poll_first = true, .has_notice = true,
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
    [IORING_OP_ASYNC_CANCEL] = {.name = "cancel", .run = kind_run_cancel},
    [IORING_OP_CLOSE] = {.name = "close", .may_punt = true, .run = run_close},
    /* The file decides whether it can be polled: a regular file cannot. */
    [IORING_OP_READ] = {.name = "read", .poll = POLLIN, .memory = OP_FILLS,
                        .has_file = true, .may_punt = true,
                        .breaks_if_short = true, .run = kind_run_transfer},
    [IORING_OP_READV] = {.name = "readv", .poll = POLLIN, .memory = OP_FILLS,
                         .has_file = true, .may_punt = true,
                         .breaks_if_short = true,
                         .prepare = kind_prepare_vector,
                         .run = kind_run_transfer},
    [IORING_OP_READ_FIXED] = {.name = "read fixed", .poll = POLLIN,
                              .memory = OP_FILLS, .has_file = true,
                              .may_punt = true, .breaks_if_short = true,
                              .prepare = kind_prepare_fixed,
                              .run = kind_run_transfer},
    [IORING_OP_WRITE] = {.name = "write", .poll = POLLOUT, .memory = OP_READS,
                         .has_file = true, .may_punt = true,
                         .breaks_if_short = true, .run = kind_run_transfer},
    [IORING_OP_WRITEV] = {.name = "writev", .poll = POLLOUT,
                          .memory = OP_READS, .has_file = true,
                          .may_punt = true, .breaks_if_short = true,
                          .prepare = kind_prepare_vector,
                          .run = kind_run_transfer},
    [IORING_OP_WRITE_FIXED] = {.name = "write fixed", .poll = POLLOUT,
                               .memory = OP_READS, .has_file = true,
                               .may_punt = true, .breaks_if_short = true,
                               .prepare = kind_prepare_fixed,
                               .run = kind_run_transfer},
};

const struct op_kind *op_kind(unsigned opcode)
{
    static const struct op_kind none = {.name = NULL};

    return opcode < sizeof kinds / sizeof *kinds ? &kinds[opcode] : &none;
}
