/* sim_net_kinds.c: what the opcodes for sockets do; see sim_op.h.
 *
 * What it teaches: a multishot operation is a loop in the kernel. It posts one
 * CQE per result, with F_MORE, until the socket has nothing more, and then it
 * waits. It ends with an error, at the end of the input, without a buffer, at
 * its limit, and if the CQ is full. */
#include <errno.h>
#include <sys/socket.h>

#include "sim_buffers.h"
#include "sim_check.h"
#include "sim_kinds.h"
#include "sim_knobs.h"
#include "sim_memory.h"
#include "sim_pick.h"
#include "sim_socket.h"

#define PIECE_MAX 64u

/* Bytes often arrive in small pieces: many CQEs of one multishot receive. */
static size_t some_of(size_t len)
{
    size_t piece = len < PIECE_MAX ? len : PIECE_MAX;

    return len > 1 && knob(KNOB_SHORT) ? 1 + pick((unsigned)piece - 1) : len;
}

int kind_run_accept(struct sim_op *op)
{
    int fd;

    do
        fd = socket_accept(op->file);
    while (fd >= 0 && (op->sqe.ioprio & IORING_ACCEPT_MULTISHOT) &&
           op_post_more(op, fd, 0));
    return fd;
}

/* Receives into a buffer of the operation's group. The kernel looks for the
 * buffer first: without one, it does not look at the socket. It keeps the
 * buffer if there are no bytes. */
static int recv_selected(struct sim_op *op, size_t limit)
{
    struct picked picked;
    int rc = buffers_peek(op->sqe.buf_group, &picked), got;

    op->flags = 0;
    if (rc < 0)
        return rc;
    if (limit > picked.len)
        limit = picked.len;
    if (socket_peek(op->file) > 0) {
        buffers_pick(op->sqe.buf_group);
        op->flags = picked.flags;
    }
    got = socket_recv(op->file, picked.memory, some_of(limit));
    return got;
}

int kind_run_recv(struct sim_op *op)
{
    const bool is_multishot = (op->sqe.ioprio & IORING_RECV_MULTISHOT) != 0;
    const size_t max = op->sqe.len > 0 ? op->sqe.len : SIZE_MAX;
    const size_t total_max = op->sqe.file_index; /* "optlen" (6.17); the last
                                                    buffer may exceed it */

    if (!(op->sqe.flags & IOSQE_BUFFER_SELECT))
        return socket_recv(op->file, (void *)(uintptr_t)op->sqe.addr,
                           some_of(op->sqe.len));
    for (;;) {
        int got = recv_selected(op, max);

        if (got <= 0 || !is_multishot)
            return got;
        op->done += (size_t)got;
        if ((total_max > 0 && op->done >= total_max) ||
            !op_post_more(op, got, op->flags))
            return got;
    }
}

void kind_prepare_sendmsg(struct sim_op *op)
{
    const struct msghdr *message = (const void *)(uintptr_t)op->sqe.addr;

    if (message->msg_iovlen > OP_PARTS_MAX || message->msg_name != NULL ||
        message->msg_controllen > 0)
        check_fail("simulated-operation", "a message with %zu parts, a name or "
                   "control data is not simulated", message->msg_iovlen);
    memory_copy(op->parts, message->msg_iov,
                message->msg_iovlen * sizeof *op->parts);
    op->part_count = (unsigned)message->msg_iovlen;
}

/* Sends up to len bytes from byte `from` of the parts on. Returns their number,
 * which may be 0, or the error of the first byte. */
static int send_parts(const struct sim_op *op, size_t from, size_t len)
{
    size_t sent = 0;

    for (unsigned i = 0; i < op->part_count && sent < len; i++) {
        const struct iovec *part = &op->parts[i];
        size_t wanted;
        int rc;

        if (from >= part->iov_len) {
            from -= part->iov_len;
            continue;
        }
        wanted = part->iov_len - from;
        if (wanted > len - sent)
            wanted = len - sent;
        rc = socket_send(op->file, (char *)part->iov_base + from, wanted);
        if (rc < 0)
            return sent > 0 ? (int)sent : rc;
        sent += (size_t)rc;
        from = 0;
        if ((size_t)rc < wanted)
            break; /* the socket is full */
    }
    return (int)sent;
}

/* With MSG_WAITALL, the kernel sends until all is sent. An error after some
 * bytes is reported by the next send. */
int kind_run_send(struct sim_op *op)
{
    bool sends_all = (op->sqe.msg_flags & MSG_WAITALL) != 0;
    size_t total = 0;
    int sent;

    for (unsigned i = 0; i < op->part_count; i++)
        total += op->parts[i].iov_len;
    sent = send_parts(op, op->done, sends_all ? total - op->done
                                              : some_of(total - op->done));
    if (sent == FILE_WAITS && (op->sqe.msg_flags & MSG_DONTWAIT))
        return op->done > 0 ? (int)op->done : -EAGAIN;
    if (sent < 0)
        return sent != FILE_WAITS && op->done > 0 ? (int)op->done : sent;
    op->done += (size_t)sent;
    return sends_all && op->done < total ? OP_WAITS : (int)op->done;
}

/* The end of the program's output. It still receives. */
int kind_run_shutdown(struct sim_op *op)
{
    return socket_end_output(op->file, (int)op->sqe.len);
}
