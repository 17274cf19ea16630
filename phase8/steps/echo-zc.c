/* echo-zc.c: step 7 of 8: large sends without a copy.
 * Introduced in phase 8. Needs: direct.h, incring.h, skip.h, step.h,
 * uring_compat.h.
 *
 * What it teaches: an ordinary send copies the bytes into the socket. SEND_ZC
 * and SENDMSG_ZC pass references to the pages instead, so the bytes must not
 * change until the network has sent them. Such a send has two CQEs:
 *
 *      SEND_ZC --> CQE: n, F_MORE           n bytes are on their way
 *              --> CQE: F_NOTIF             the bytes are ours again
 *
 * Three rules
 *  - Release the bytes after the second CQE, and not before.
 *  - Only F_MORE shows that a second CQE comes. An error may have two CQEs.
 *  - The kernel may still copy the bytes. With REPORT_USAGE the second CQE
 *    shows that. Loopback always copies, because the receiver is on this
 *    machine.
 *
 * What it costs: a second CQE, for which the next send of the connection waits.
 * Small sends are cheaper with a copy: see --zc-bytes. A peer that does not
 * read keeps buffers of the pool. */
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
    int result;           /* of the zero-copy send in flight */
    struct skip skip;     /* the send without a CQE */
    bool is_slow;         /* send with a CQE, and copy */
    bool is_receiving, is_sending, is_waiting, is_over;
    struct msghdr message;
    struct iovec vector[VECTOR_MAX];
};

/* The operation that has ended: the low bits of user_data. The other bits are
 * the address of the connection. */
enum event { ACCEPTED = 1, RECEIVED, SENT };

static const int ops[] = {IORING_OP_SOCKET, UR_OP_BIND, UR_OP_LISTEN,
                          UR_OP_FIXED_FD_INSTALL, IORING_OP_SENDMSG_ZC, 0};
static struct ring ring;
static struct incring pool;
static unsigned zc_bytes = 32768;
static uint64_t conns, zc_sends, zc_copied;
static const struct step_counter counters[] = {
    {"connections", &conns}, {"zc_sends", &zc_sends},
    {"zc_copied", &zc_copied}, {0}};
static struct step step = {
    .name = "echo-zc",
    .ops = ops,
    .features = IORING_FEAT_CQE_SKIP | UR_FEAT_RECVSEND_BUNDLE,
    .setup_flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
    .has_pool = true,
    .counters = counters,
    .option = {.name = "zc-bytes", .number = &zc_bytes, .min = 1,
               .max = 1u << 30},
    .option_help = "  --zc-bytes N  shorter sends are copied (32768)\n",
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

/* Prepares a send that does not copy the pieces. */
static void prepare_zc(struct io_uring_sqe *sqe, const struct conn *conn)
{
    if (conn->message.msg_iovlen == 1)
        io_uring_prep_send_zc(sqe, conn->slot, conn->vector[0].iov_base,
                              conn->vector[0].iov_len, MSG_NOSIGNAL, 0);
    else
        io_uring_prep_sendmsg_zc(sqe, conn->slot, &conn->message, MSG_NOSIGNAL);
    sqe->ioprio |= UR_SEND_ZC_REPORT_USAGE;
    zc_sends++;
}

/* Sends the first pieces with one SQE. */
static void send_pieces(struct conn *conn)
{
    struct io_uring_sqe *sqe = sqe_for(conn, SENT);

    conn->message.msg_iov = conn->vector;
    conn->sending = pieces_describe(&conn->pieces, conn->vector, VECTOR_MAX,
                                    &conn->message.msg_iovlen);
    if (conn->sending >= zc_bytes && !conn->is_slow) {
        prepare_zc(sqe, conn);
    } else {
        io_uring_prep_sendmsg(sqe, conn->slot, &conn->message, MSG_NOSIGNAL);
        if (!conn->is_slow)
            skip_prepare(&ring, &conn->skip, sqe, (unsigned)conn->sending);
    }
    sqe->flags |= IOSQE_FIXED_FILE;
    conn->is_sending = true;
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
    if (result < 0 && result != -EAGAIN && result != -ENOMEM) {
        fail(conn); /* -ENOMEM: RLIMIT_MEMLOCK forbids a zero-copy send */
    } else {
        result = result > 0 ? result : 0;
        conn->is_slow = (size_t)result < conn->sending;
        drop(conn, (size_t)result);
    }
    advance(conn);
}

/* A zero-copy send has ended when the last of its CQEs has come. */
static void on_send_cqe(struct conn *conn, int result, unsigned flags)
{
    if (skip_store(&conn->skip, result))
        return;
    if (flags & IORING_CQE_F_MORE) {
        conn->result = result;
    } else if (flags & IORING_CQE_F_NOTIF) {
        zc_copied += ((unsigned)result & UR_NOTIF_USAGE_ZC_COPIED) != 0;
        on_sent(&conn->skip, conn->result);
    } else {
        on_sent(&conn->skip, result);
    }
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
        on_send_cqe(conn, cqe->res, cqe->flags);
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
