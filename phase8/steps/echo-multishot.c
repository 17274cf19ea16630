/* echo-multishot.c: step 3 of 8: one SQE for all messages of a connection.
 * Introduced in phase 8. Needs: step.h, bufring.h, op_error.h, ring.h, sys.h.
 *
 * What it teaches: a multishot accept and a multishot receive complete again
 * and again. A receive has no buffer: the kernel takes one from a pool when
 * data has arrived, so a silent connection costs no buffer.
 *
 *      receive ==> chunk ==> chunk ==> chunk      (one SQE)
 *                    |
 *      send <-- first of the connection's queue --> buffer released
 *
 * With DEFER_TASKRUN, which ring_init sets, the kernel posts completions only
 * while the thread is in ring_enter, so it interrupts no other work.
 *
 * Four rules
 *  - Only IORING_CQE_F_MORE shows if a multishot goes on. A full CQ ends it
 *    with a good result.
 *  - If the pool is empty, a receive ends with -ENOBUFS. Repeat it when a
 *    buffer is released, and not before. With POLL_FIRST only a connection with
 *    data requests a buffer.
 *  - A peer that does not read holds CREDIT chunks. Then its receive is
 *    cancelled until it reads, and the send window of the peer closes.
 *  - close(2) neither cancels a receive nor sends a FIN. Cancel the receive,
 *    and close after its last CQE.
 *
 * What it costs: a buffer may hold one byte, and the pool is limited. */
#include <errno.h>
#include <stdlib.h>

#include "bufring.h"
#include "op_error.h"
#include "step.h"
#include "sys.h"

#define CREDIT 8 /* chunks that wait until the peer reads */
#define GROUP 0

struct conn {
    struct bufring_waiter waiter;
    int fd;
    unsigned held;        /* chunks in the queue */
    unsigned at;          /* bytes of the first chunk that are sent */
    uint16_t first, last; /* ids of buffers; entries[id].next links them */
    bool is_receiving, is_stopping, is_sending, is_waiting;
    bool is_over; /* the peer has ended, or failed: nothing more is received */
};

/* The operation that has ended: the low bits of user_data. The other bits are
 * the address of the connection. */
enum event { ACCEPTED = 1, RECEIVED, SENT };

/* SEND_ZC came with multishot receives (6.0). */
static const int ops[] = {IORING_OP_ACCEPT, IORING_OP_RECV, IORING_OP_SEND,
                          IORING_OP_CLOSE, IORING_OP_SEND_ZC, 0};
static struct ring ring;
static struct bufring pool;
static uint64_t conns;
static const struct step_counter counters[] = {
    {"connections", &conns}, {"enobufs", &pool.empty_count}, {0}};
static struct step step = {
    .name = "echo-multishot",
    .ops = ops,
    .setup_flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
    .has_pool = true,
    .counters = counters,
    STEP_DEFAULTS,
};
static int listener;

static struct io_uring_sqe *sqe_for(const struct conn *conn, enum event event)
{
    return ring_sqe(&ring, (uintptr_t)conn | event);
}

static void accept_all(void)
{
    step.is_paused = false;
    io_uring_prep_multishot_accept(sqe_for(NULL, ACCEPTED), listener, NULL,
                                   NULL, SOCK_CLOEXEC);
}

static void receive(struct conn *conn)
{
    struct io_uring_sqe *sqe = sqe_for(conn, RECEIVED);

    io_uring_prep_recv_multishot(sqe, conn->fd, NULL, 0, 0);
    sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
    conn->is_receiving = true;
}

/* The receive goes on until its last CQE. Until then, its data still belongs to
 * the connection. */
static void stop_receiving(struct conn *conn)
{
    io_uring_prep_cancel64(ring_sqe(&ring, HANDLE_NONE),
                           (uintptr_t)conn | RECEIVED, 0);
    conn->is_stopping = true;
}

/* Sends the rest of the first chunk. There is one send at a time, because the
 * bytes of two sends in flight may interleave. */
static void send_first(struct conn *conn)
{
    io_uring_prep_send(sqe_for(conn, SENT), conn->fd,
                       bufring_data(&pool, conn->first) + conn->at,
                       pool.entries[conn->first].len - conn->at, MSG_NOSIGNAL);
    conn->is_sending = true;
}

static void drop_first(struct conn *conn)
{
    uint16_t id = conn->first;

    conn->first = pool.entries[id].next;
    conn->held--;
    conn->at = 0;
    bufring_release(&pool, id); /* may start another connection's receive */
}

/* No operation may be in flight: its CQE would name a connection that is gone,
 * and close(2) would neither cancel it nor send a FIN. */
static void close_conn(struct conn *conn)
{
    io_uring_prep_close(ring_sqe(&ring, HANDLE_NONE), conn->fd);
    free(conn);
    conns--;
    if (step.is_paused)
        accept_all(); /* runs after the close: SQEs start in their order */
}

/* Starts whatever the connection can do now. Ends it if nothing is left. */
static void advance(struct conn *conn)
{
    bool wants_data = !conn->is_over && conn->held < CREDIT;

    if (conn->held > 0 && !conn->is_sending)
        send_first(conn);
    if (wants_data && !conn->is_receiving && !conn->is_waiting)
        receive(conn);
    if (!wants_data && conn->is_receiving && !conn->is_stopping)
        stop_receiving(conn);
    if (conn->is_over && !conn->is_receiving && !conn->is_sending)
        close_conn(conn);
}

/* A buffer was released, and this connection has waited longest for one. */
static void on_buffer(struct bufring_waiter *waiter)
{
    struct conn *conn = container_of(waiter, struct conn, waiter);

    conn->is_waiting = false;
    receive(conn);
}

/* The peer takes nothing more: drops the chunks that wait for it. */
static void fail(struct conn *conn)
{
    if (conn->is_waiting)
        bufring_leave(&pool, &conn->waiter);
    conn->is_waiting = false;
    conn->is_over = true;
    while (conn->held > 0)
        drop_first(conn);
}

static void on_accepted(int fd, unsigned flags)
{
    struct conn *conn;

    if (!(flags & IORING_CQE_F_MORE)) {
        /* If no descriptor is free, an accept fails immediately. A server that
         * repeats it without a pause uses a whole processor. */
        if (fd < 0 && op_error_kind(IORING_OP_ACCEPT, fd) == ERROR_LIMIT)
            step.is_paused = true;
        else
            accept_all();
    }
    if (fd < 0)
        return;
    conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        (void)sys_close(fd);
        return;
    }
    conn->fd = fd;
    conn->waiter.wake = on_buffer;
    conns++;
    advance(conn);
}

/* The receive has ended. If it found no buffer, but one was released in the
 * meantime, repeats it immediately, because no further release may come. */
static void on_receive_ended(struct conn *conn, int result)
{
    conn->is_receiving = conn->is_stopping = false;
    if (result == -ENOBUFS && !conn->is_over) {
        pool.empty_count++;
        conn->is_waiting = bufring_free_count(&pool) == 0;
        if (conn->is_waiting)
            bufring_wait(&pool, &conn->waiter);
        return;
    }
    bufring_wake_next(&pool); /* this receive may have left a buffer unused */
    if (result <= 0 && result != -ECANCELED)
        conn->is_over = true;
}

/* First the buffer, then the flag, then the result. */
static void on_received(struct conn *conn, int result, unsigned flags)
{
    if (flags & IORING_CQE_F_BUFFER) {
        uint16_t id = bufring_take(&pool, flags, result > 0 ? (size_t)result
                                                            : 0);

        if (result <= 0 || conn->is_over) {
            bufring_release(&pool, id);
        } else {
            if (conn->held++ == 0)
                conn->first = id;
            else
                pool.entries[conn->last].next = id;
            conn->last = id;
        }
    }
    if (!(flags & IORING_CQE_F_MORE))
        on_receive_ended(conn, result);
    advance(conn);
}

static void on_sent(struct conn *conn, int result)
{
    conn->is_sending = false;
    if (result < 0) {
        fail(conn);
    } else {
        conn->at += (unsigned)result;
        if (conn->at == pool.entries[conn->first].len)
            drop_first(conn); /* otherwise a full socket has taken a part */
    }
    advance(conn);
}

static void handle(const struct io_uring_cqe *cqe)
{
    struct conn *conn = step_object(cqe);

    switch (cqe->user_data & STEP_LOW_BITS) {
    case ACCEPTED:
        on_accepted(cqe->res, cqe->flags);
        break;
    case RECEIVED:
        on_received(conn, cqe->res, cqe->flags);
        break;
    case SENT:
        on_sent(conn, cqe->res);
    }
}

int main(int argc, char **argv)
{
    const struct ring_options options = {0};
    int code = step_read(&step, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    step.handle = handle;
    step.accept = accept_all;
    step_init_ring(&step, &ring, &options);
    step_must(&step, bufring_init(&pool, &ring, step.bufs, step.buf_len, GROUP),
              "register the pool");
    step_read_signal(&ring);
    listener = step_listen(&step, 0);
    step_print_listening(step_port(&step, listener));
    accept_all();
    while (step_enter(&step, &ring, 1))
        ;
    return step_finish(&step, conns);
}
