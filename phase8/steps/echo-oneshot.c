/* echo-oneshot.c: step 2 of 8: accept, receive, and send on a ring.
 * Introduced in phase 8. Needs: step.h, op_error.h, ring.h, sys.h.
 *
 * What it teaches: a ring replaces the three system calls of a readiness
 * server (wait, receive, send) with one call for all connections.
 *
 *        +--> receive into conn->buf --> send what came --+
 *        |                                                |
 *        +---------------- all of it was sent <-----------+--> the rest
 *
 * A connection has exactly one operation in flight, so the connection is free
 * as soon as that operation has ended. Nothing is O_NONBLOCK, and no call
 * returns -EAGAIN.
 *
 * What it costs: each message takes two SQEs, and each connection owns a buffer
 * even while its peer is silent. */
#include <stdlib.h>

#include "op_error.h"
#include "step.h"
#include "sys.h"


struct conn {
    int fd;
    unsigned at, len; /* the part of buf that is not sent yet */
    char buf[];       /* step.buf_len bytes */
};

/* The operation that has ended: the low bits of user_data. The other bits are
 * the address of the connection. */
enum event { ACCEPTED = 1, RECEIVED, SENT };

static const int ops[] = {IORING_OP_ACCEPT, IORING_OP_RECV, IORING_OP_SEND,
                          IORING_OP_CLOSE, 0};
static uint64_t conns;
static const struct step_counter counters[] = {{"connections", &conns}, {0}};
static struct step step = {
    .name = "echo-oneshot",
    .ops = ops,
    .counters = counters,
    STEP_DEFAULTS,
};
static struct ring ring;
static int listener;

static struct io_uring_sqe *sqe_for(struct conn *conn, enum event event)
{
    return ring_sqe(&ring, (uintptr_t)conn | event);
}

static void accept_next(void)
{
    step.is_paused = false;
    io_uring_prep_accept(sqe_for(NULL, ACCEPTED), listener, NULL, NULL,
                         SOCK_CLOEXEC);
}

static void receive(struct conn *conn)
{
    io_uring_prep_recv(sqe_for(conn, RECEIVED), conn->fd, conn->buf,
                       step.buf_len, 0);
}

static void send_rest(struct conn *conn)
{
    io_uring_prep_send(sqe_for(conn, SENT), conn->fd, conn->buf + conn->at,
                       conn->len, MSG_NOSIGNAL);
}

/* No operation of the connection is in flight. That matters: close(2) neither
 * cancels a receive nor sends a FIN while one is in flight. */
static void close_conn(struct conn *conn)
{
    io_uring_prep_close(ring_sqe(&ring, HANDLE_NONE), conn->fd);
    free(conn);
    conns--;
    if (step.is_paused)
        accept_next(); /* runs after the close: SQEs start in their order */
}

static void on_accepted(int fd)
{
    struct conn *conn;

    /* If no descriptor is free, an accept fails immediately. A server that
     * repeats it without a pause uses a whole processor. */
    if (fd < 0 && op_error_kind(IORING_OP_ACCEPT, fd) == ERROR_LIMIT) {
        step.is_paused = true;
        return;
    }
    accept_next();
    if (fd < 0)
        return; /* this client has gone */
    conn = malloc(sizeof *conn + step.buf_len);
    if (conn == NULL) {
        (void)sys_close(fd);
        return;
    }
    conn->fd = fd;
    conns++;
    receive(conn);
}

static void on_received(struct conn *conn, int result)
{
    if (result <= 0) { /* the end, and all before it is sent; or an error */
        close_conn(conn);
        return;
    }
    conn->at = 0;
    conn->len = (unsigned)result;
    send_rest(conn);
}

static void on_sent(struct conn *conn, int result)
{
    if (result < 0) {
        close_conn(conn);
        return;
    }
    conn->at += (unsigned)result;
    conn->len -= (unsigned)result;
    if (conn->len > 0)
        send_rest(conn); /* a full socket takes a part */
    else
        receive(conn);
}

static void handle(const struct io_uring_cqe *cqe)
{
    struct conn *conn = step_object(cqe);

    switch (cqe->user_data & STEP_LOW_BITS) {
    case ACCEPTED:
        on_accepted(cqe->res);
        break;
    case RECEIVED:
        on_received(conn, cqe->res);
        break;
    case SENT:
        on_sent(conn, cqe->res);
    }
}

int main(int argc, char **argv)
{
    const struct ring_options options = {.plain = true};
    int code = step_read(&step, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    step.handle = handle;
    step.accept = accept_next;
    step_init_ring(&step, &ring, &options);
    step_read_signal(&ring);
    listener = step_listen(&step, 0);
    step_print_listening(step_port(&step, listener));
    accept_next();
    while (step_enter(&step, &ring, 1))
        ;
    return step_finish(&step, conns);
}
