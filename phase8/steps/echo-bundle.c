/* echo-bundle.c: step 6 of 8: one CQE for many buffers, one buffer for many.
 * Introduced in phase 8. Needs: direct.h, incring.h, skip.h, step.h,
 * uring_compat.h.
 *
 * What it teaches: in the step before, a CQE brings one buffer, and a message
 * of one byte takes a whole buffer. Here a bundle brings all buffers that the
 * data of a socket fills, and an incremental buffer takes the messages of many
 * connections. incring.h has both.
 *
 *      CQE: 40,000 bytes from buffer 4 --> piece, piece, piece --> SENDMSG
 *
 * SENDMSG sends up to VECTOR_MAX pieces with one SQE.
 *
 * What it costs: the pieces have to be listed in other memory, because a buffer
 * has many of them. A peer that does not read keeps buffers in which other
 * connections have bytes, too. */
#include <errno.h>
#include <stdlib.h>

#include "direct.h"
#include "incring.h"
#include "skip.h"
#include "step.h"
#include "uring_compat.h"

#define CREDIT 131072 /* bytes after which a receive ends */
#define VECTOR_MAX 8
#define GROUP 0

struct conn {
    struct queue_node waiter;
    int slot;             /* in the ring's table of files */
    struct pieces pieces; /* received, and not sent */
    size_t sending;       /* bytes of the send in flight */
    struct skip skip;     /* the send without a CQE */
    bool is_slow;         /* the socket was full: send with a CQE */
    bool is_receiving, is_sending, is_waiting;
    bool is_over; /* the peer has ended, or failed: nothing more is received */
    struct msghdr message;
    struct iovec vector[VECTOR_MAX];
};

/* The operation that has ended: the low bits of user_data. The other bits are
 * the address of the connection. */
enum event { ACCEPTED = 1, RECEIVED, SENT };

static const int ops[] = {IORING_OP_SOCKET, UR_OP_BIND, UR_OP_LISTEN,
                          UR_OP_FIXED_FD_INSTALL, 0};
static struct ring ring;
static struct incring pool;
static uint64_t conns;
static const struct step_counter counters[] = {
    {"connections", &conns}, {"enobufs", &pool.empty_count}, {0}};
static struct step step = {
    .name = "echo-bundle",
    .ops = ops,
    .features = IORING_FEAT_CQE_SKIP | UR_FEAT_RECVSEND_BUNDLE,
    .setup_flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
    .has_pool = true,
    .counters = counters,
    STEP_DEFAULTS,
};

static struct io_uring_sqe *sqe_for(const struct conn *conn, enum event event)
{
    return ring_sqe(&ring, (uintptr_t)conn | event);
}

static void accept_next(void)
{
    direct_accept(&step, &ring, ACCEPTED);
}

static void receive(struct conn *conn)
{
    incring_prep_receive(sqe_for(conn, RECEIVED), conn->slot, GROUP, CREDIT);
    conn->is_receiving = true;
}

/* Sends the first pieces with one SQE. */
static void send_pieces(struct conn *conn)
{
    struct io_uring_sqe *sqe = sqe_for(conn, SENT);

    conn->message.msg_iov = conn->vector;
    conn->sending = pieces_describe(&conn->pieces, conn->vector, VECTOR_MAX,
                                    &conn->message.msg_iovlen);
    io_uring_prep_sendmsg(sqe, conn->slot, &conn->message, MSG_NOSIGNAL);
    sqe->flags |= IOSQE_FIXED_FILE;
    conn->is_sending = true;
    if (!conn->is_slow)
        skip_prepare(&ring, &conn->skip, sqe, (unsigned)conn->sending);
}

/* Starts the receive of the connection that has waited longest, if there is
 * room. When it has received, the next one is started. */
static void wake_next(void)
{
    struct queue_node *node =
        pool.open_count > 0 ? queue_pop(&pool.waiters) : NULL;

    if (node == NULL)
        return;
    container_of(node, struct conn, waiter)->is_waiting = false;
    receive(container_of(node, struct conn, waiter));
}

static void drop(struct conn *conn, size_t len)
{
    if (pieces_drop(&conn->pieces, &pool, len))
        wake_next();
}

/* Starts whatever the connection can do now. Ends it if nothing is left. */
static void advance(struct conn *conn)
{
    bool wants_data = !conn->is_over && conn->pieces.len < CREDIT;

    if (conn->pieces.len > 0 && !conn->is_sending)
        send_pieces(conn);
    if (wants_data && !conn->is_receiving && !conn->is_waiting)
        receive(conn);
    if (conn->is_over && !conn->is_receiving && !conn->is_sending) {
        direct_close(&step, &ring, conn->slot);
        free(conn);
        conns--;
    } else if (conn->skip.is_in_flight &&
               (!conn->is_receiving || conn->pieces.len > conn->sending)) {
        skip_hurry();
    }
}

/* The peer takes nothing more: drops the bytes that wait for it. No send may be
 * in flight, because it would send other bytes then. */
static void fail(struct conn *conn)
{
    if (conn->is_waiting)
        queue_remove(&pool.waiters, &conn->waiter);
    conn->is_waiting = false;
    conn->is_over = true;
    drop(conn, conn->pieces.len);
    if (conn->is_receiving)
        io_uring_prep_cancel64(ring_sqe(&ring, HANDLE_NONE),
                               (uintptr_t)conn | RECEIVED, 0);
}

static void on_accepted(int result)
{
    int slot = direct_accepted(&step, result);
    struct conn *conn = slot < 0 ? NULL : calloc(1, sizeof *conn);

    if (conn != NULL) {
        conn->slot = slot;
        conns++;
        advance(conn);
    } else if (slot >= 0) {
        direct_close(&step, &ring, slot);
    }
    if (!step.is_paused)
        accept_next();
}

/* The receive has ended. If it found no buffer, but one was released in the
 * meantime, repeats it immediately, because no further release may come. */
static void on_receive_ended(struct conn *conn, int result)
{
    conn->is_receiving = false;
    if (result == -ENOBUFS && !conn->is_over) {
        pool.empty_count++;
        conn->is_waiting = pool.open_count == 0;
        if (conn->is_waiting)
            queue_push(&pool.waiters, &conn->waiter);
        return;
    }
    if (result <= 0 && result != -ECANCELED)
        conn->is_over = true;
}

static void on_received(struct conn *conn, int result, unsigned flags)
{
    struct pieces unwanted = {0};

    if (result > 0 &&
        pieces_add(conn->is_over ? &unwanted : &conn->pieces, &pool,
                   (uint16_t)(flags >> IORING_CQE_BUFFER_SHIFT),
                   (size_t)result) < 0)
        conn->is_over = true; /* no memory: send the earlier bytes, and end */
    (void)pieces_drop(&unwanted, &pool, unwanted.len);
    if (!(flags & IORING_CQE_F_MORE))
        on_receive_ended(conn, result);
    if (result != -ENOBUFS)
        wake_next(); /* this receive may have left room in its buffer */
    advance(conn);
}

static void on_sent(struct skip *skip, int result)
{
    struct conn *conn = container_of(skip, struct conn, skip);

    conn->is_sending = false;
    if (result < 0 && result != -EAGAIN) {
        fail(conn);
    } else {
        result = result > 0 ? result : 0;
        conn->is_slow = (size_t)result < conn->sending;
        drop(conn, (size_t)result);
    }
    advance(conn);
}

static void handle(const struct io_uring_cqe *cqe)
{
    struct conn *conn = step_object(cqe);

    switch (cqe->user_data & STEP_LOW_BITS) {
    case ACCEPTED:
        on_accepted(cqe->res);
        break;
    case RECEIVED:
        on_received(conn, cqe->res, cqe->flags);
        break;
    case SENT:
        if (!skip_store(&conn->skip, cqe->res))
            on_sent(&conn->skip, cqe->res);
    }
}

int main(int argc, char **argv)
{
    int code = step_read(&step, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    step.handle = handle;
    step.accept = accept_next;
    step_init_ring(&step, &ring, &(struct ring_options){0});
    step_must_have(&step, incring_init(&pool, &ring, step.bufs, step.buf_len,
                                       GROUP),
                   "receives with a limit (Linux 6.17)");
    direct_listen(&step, &ring);
    step_read_signal(&ring);
    accept_next();
    while (step_enter(&step, &ring, skip_wait_count(&ring))) {
        skip_end(&ring, on_sent);
        if (!queue_is_empty(&pool.waiters))
            skip_hurry();
    }
    return step_finish(&step, conns);
}
