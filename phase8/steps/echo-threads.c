/* echo-threads.c: step 8 of 8: a ring per thread.
 * Introduced in phase 8. Needs: bufring.h, direct.h, handover.h, skip.h,
 * step.h, uring_compat.h.
 *
 * What it teaches: a second thread needs a second ring, a second pool, and a
 * second table of files. All of them are _Thread_local here, so the code of a
 * connection is that of echo-skip. The first thread accepts, and hands over
 * connections in turn with MSG_RING: see handover.h. With a listener per thread
 * (SO_REUSEPORT), the kernel would choose the thread by a hash instead.
 *
 * What it costs: two SQEs per connection. With more threads than processors,
 * the threads only take time from each other. */
#include <errno.h>
#include <stdlib.h>

#include "bufring.h"
#include "direct.h"
#include "handover.h"
#include "skip.h"
#include "step.h"
#include "uring_compat.h"

#define CREDIT 8 /* chunks that wait until the peer reads */
#define GROUP 0

struct conn {
    struct bufring_waiter waiter;
    int slot;             /* in the ring's table of files */
    unsigned held;        /* chunks in the queue */
    unsigned at;          /* bytes of the first chunk that are sent */
    uint16_t first, last; /* ids of buffers; entries[id].next links them */
    struct skip skip;     /* the send without a CQE */
    bool is_slow;         /* the socket was full: send with a CQE */
    bool is_receiving, is_stopping, is_sending, is_waiting;
    bool is_over; /* the peer has ended, or failed: nothing more is received */
};

/* The operation that has ended: the low bits of user_data, unless it is an
 * operation of handover.h. */
enum event { RECEIVED = 1, SENT };

/* BIND and LISTEN came last (6.11). */
static const int ops[] = {IORING_OP_SOCKET, UR_OP_BIND, UR_OP_LISTEN,
                          UR_OP_FIXED_FD_INSTALL, IORING_OP_MSG_RING, 0};
static unsigned thread_count = 2;

/* Each thread has these. That is why no connection needs a lock. */
static _Thread_local struct ring ring;
static _Thread_local struct bufring pool;
static _Thread_local uint64_t conns;
static _Thread_local struct step step = {
    .name = "echo-threads",
    .ops = ops,
    .features = IORING_FEAT_CQE_SKIP,
    .setup_flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
    .has_pool = true,
    .option = {.name = "threads", .number = &thread_count, .min = 1,
               .max = HANDOVER_THREADS_MAX},
    .option_help = "  --threads N   each with its ring (2)\n",
    STEP_DEFAULTS,
};

static struct io_uring_sqe *sqe_for(const struct conn *conn, enum event event)
{
    return ring_sqe(&ring, (uintptr_t)conn | event);
}

static void accept_next(void)
{
    handover_accept(&step, &ring);
}

static void receive(struct conn *conn)
{
    struct io_uring_sqe *sqe = sqe_for(conn, RECEIVED);

    io_uring_prep_recv_multishot(sqe, conn->slot, NULL, 0, 0);
    sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
    sqe->flags |= IOSQE_BUFFER_SELECT | IOSQE_FIXED_FILE;
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
    struct io_uring_sqe *sqe = sqe_for(conn, SENT);
    unsigned len = pool.entries[conn->first].len - conn->at;

    io_uring_prep_send(sqe, conn->slot,
                       bufring_data(&pool, conn->first) + conn->at, len,
                       MSG_NOSIGNAL);
    sqe->flags |= IOSQE_FIXED_FILE;
    conn->is_sending = true;
    if (!conn->is_slow)
        skip_prepare(&ring, &conn->skip, sqe, len);
}

static void drop_first(struct conn *conn)
{
    uint16_t id = conn->first;

    conn->first = pool.entries[id].next;
    conn->held--;
    conn->at = 0;
    bufring_release(&pool, id); /* may start another connection's receive */
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
    if (conn->is_over && !conn->is_receiving && !conn->is_sending) {
        direct_close(&step, &ring, conn->slot);
        free(conn);
        conns--;
    } else if (conn->skip.is_in_flight &&
               (!conn->is_receiving || conn->held > 1)) {
        skip_hurry();
    }
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

/* Begins with a connection that is in the table of this thread's ring. */
static void serve(int slot)
{
    struct conn *conn = slot < 0 ? NULL : calloc(1, sizeof *conn);

    if (conn != NULL) {
        conn->slot = slot;
        conn->waiter.wake = on_buffer;
        conns++;
        advance(conn);
    } else if (slot >= 0) {
        direct_close(&step, &ring, slot);
    }
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

static void on_sent(struct skip *skip, int result)
{
    struct conn *conn = container_of(skip, struct conn, skip);

    conn->is_sending = false;
    if (result < 0 && result != -EAGAIN) {
        fail(conn);
    } else {
        conn->at += result > 0 ? (unsigned)result : 0;
        conn->is_slow = conn->at < pool.entries[conn->first].len;
        if (!conn->is_slow)
            drop_first(conn);
    }
    advance(conn);
}

static void handle(const struct io_uring_cqe *cqe)
{
    struct conn *conn = step_object(cqe);

    switch (cqe->user_data & STEP_LOW_BITS) {
    case RECEIVED:
        on_received(conn, cqe->res, cqe->flags);
        break;
    case SENT:
        if (!skip_store(&conn->skip, cqe->res))
            on_sent(&conn->skip, cqe->res);
        break;
    default:
        serve(handover_take(&step, &ring, cqe));
    }
}

/* Serves until a signal ends the program, in the first thread. */
static void run(void)
{
    const struct step_counter counters[] = {
        {"connections", &conns}, {"enobufs", &pool.empty_count}, {0}};

    step.counters = counters;
    while (step_enter(&step, &ring, skip_wait_count(&ring))) {
        skip_end(&ring, on_sent);
        if (!queue_is_empty(&pool.waiters))
            skip_hurry();
    }
}

/* Gives this thread's ring what a connection needs. */
static void set_up(void)
{
    step_must(&step, bufring_init(&pool, &ring, step.bufs, step.buf_len, GROUP),
              "register the pool");
    step.handle = handle;
}

static void run_thread(const struct step *first, unsigned index)
{
    step = *first;
    step_must(&step, ring_init(&ring, &(struct ring_options){0}),
              "make a ring");
    set_up();
    direct_register(&step, &ring);
    handover_join(index, &ring);
    run();
}

int main(int argc, char **argv)
{
    int code = step_read(&step, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    step_init_ring(&step, &ring, &(struct ring_options){0});
    set_up();
    handover_start(&step, thread_count, run_thread);
    step.accept = accept_next;
    step.on_report = handover_report;
    direct_listen(&step, &ring);
    step_read_signal(&ring);
    accept_next();
    run();
    return step_finish(&step, thread_count > 1 ? 1 : conns);
}
