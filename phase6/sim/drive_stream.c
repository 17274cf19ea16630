/* drive_stream.c: streams that share few buffers, and an acceptor that is
 * paused and stopped; see sim_run.h.
 *
 * What it teaches: a server hides a lost wake-up, because each of its waits has
 * a deadline. Here some waits have none. If a wake-up is lost, nothing can
 * happen any more, and the run fails. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "acceptor.h"
#include "await.h"
#include "semaphores.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_pick.h"
#include "sim_run.h"
#include "sim_socket.h"
#include "sim_world.h"
#include "stream.h"
#include "sys.h"

#define PEERS_MAX 8u  /* as a backlog, they fill a small CQ */
#define SERVED_MAX 4u /* each may use a slot of a small CQ for a long time */
#define SENT_MAX 200u
#define PART_MAX 40u
#define BUF_LEN 16u
#define NS_PER_MS UINT64_C(1000000)

/* A peer and the task that reads what it sends. */
struct reader {
    struct sim_conn *conn; /* borrowed; NULL: not connected yet */
    unsigned number, to_send, received;
    struct task task;
    struct stream in;
    int fd; /* -1: not accepted */
    uint64_t wakes_ns; /* the peer connects later */
    bool is_refused, is_cancelled, has_deadline;
};

static struct {
    struct reader readers[PEERS_MAX];
    unsigned count;
    unsigned accepted, accepts_max; /* then the acceptor is closed */
    int arrived[PEERS_MAX + 1];
    struct acceptor acceptor;
    struct bufring bufring;
    struct semaphore bell; /* the acceptor has something to report */
} run;

/* Byte n of a peer. */
static unsigned char pattern(const struct reader *reader, uint64_t n)
{
    return (unsigned char)(reader->number * 89 + n * 7 + (n >> 8));
}

/* One step of a peer: it connects, sends a part, ends its side, or resets. */
static void act(void *object)
{
    struct reader *reader = object;
    struct sim_conn *conn = reader->conn;
    unsigned len = 1 + pick(PART_MAX);
    unsigned char part[PART_MAX];

    check_progress();
    if (conn == NULL) {
        reader->conn = socket_connect();
        reader->is_refused = reader->conn == NULL;
        check_trace("peer %u connects", reader->number);
        return;
    }
    if (len > reader->to_send - conn->in.total)
        len = reader->to_send - (unsigned)conn->in.total;
    for (unsigned i = 0; i < len; i++)
        part[i] = pattern(reader, conn->in.total + i);
    if (knob(KNOB_PEER_RESET) && pick(8) == 0)
        socket_reset(conn);
    else if (len > 0)
        len = (unsigned)flow_put(&conn->in, part, len);
    else
        conn->in.has_end = true;
    check_trace("peer %u: %s, sent %u of %u", reader->number,
                conn->is_reset ? "reset" : conn->in.has_end ? "end" : "bytes",
                (unsigned)conn->in.total, reader->to_send);
}

/* Returns true if the program has all bytes of a peer, or reads no more. */
static bool is_read(const struct reader *reader)
{
    const struct sim_conn *conn = reader->conn;

    return reader->fd < 0 || conn->is_closed || conn->is_reset ||
           reader->received == reader->to_send;
}

/* The peers keep their connections open until all bytes of all peers are read,
 * as browsers do. Otherwise the end of one would wake a stream that was
 * forgotten. */
static void offer_events(void)
{
    bool may_end = true;

    for (unsigned i = 0; i < run.count; i++)
        may_end &= is_read(&run.readers[i]);
    for (unsigned i = 0; i < run.count; i++) {
        struct reader *reader = &run.readers[i];
        struct sim_conn *conn = reader->conn;

        if (conn == NULL && !reader->is_refused)
            world_offer_at(reader->wakes_ns, act, reader);
        else if (conn != NULL && !conn->in.has_end && !conn->is_reset &&
                 !conn->is_closed && flow_room(&conn->in) > 0 &&
                 (may_end || conn->in.total < reader->to_send))
            world_offer(act, reader);
    }
}

/* accept_some waits for this, for clients and for the end of the accept. */
static void notify(struct acceptor *acceptor)
{
    (void)acceptor;
    semaphore_release(&run.bell);
}

/* Checks the result of a wait, and the bytes of a chunk. After a reset, the
 * stream may report an end or an error. */
static void check_chunk(struct reader *reader, int rc,
                        const struct chunk *chunk)
{
    const struct sim_conn *conn = reader->conn;
    bool has_cause = rc >= 0 || (rc == -ECANCELED && reader->is_cancelled) ||
                     (rc == -ETIME && reader->has_deadline) ||
                     (rc == -ECONNRESET && conn->is_reset);

    check_that(has_cause, "an-interruption-has-a-cause",
               "the result of a stream is", rc);
    check_that(rc != 0 || conn->is_reset || (conn->in.has_end &&
                                        reader->received == conn->in.total),
               "bytes-are-equal-at-a-clean-end", "bytes before the end:",
               reader->received);
    for (int i = 0; i < rc; i++, reader->received++)
        check_that((unsigned char)chunk->data[i] ==
                       pattern(reader, reader->received),
                   "bytes-are-a-prefix", "there is a wrong byte at",
                   reader->received);
}

/* Reads until the end. Half of the waits have no deadline. After a cancel, the
 * reader gives up or goes on. */
static int read_all(void *arg) /* task body */
{
    struct reader *reader = arg;
    struct chunk chunk;
    bool goes_on = true;

    stream_init(&reader->in, reader->fd, &run.bufring, 1 + pick(3));
    while (goes_on) {
        struct reader *other;
        int rc;

        reader->has_deadline = pick(2) == 0;
        if (reader->has_deadline)
            deadline_set_ns(pick(4) * NS_PER_MS);
        rc = stream_await_chunk(&reader->in, &chunk);
        deadline_clear();
        check_chunk(reader, rc, &chunk);
        goes_on = rc > 0 || rc == -ETIME || (rc == -ECANCELED && pick(2) == 0);
        if (rc > 0 && pick(2) == 0) /* other streams wait for this buffer */
            (void)await_sleep_ns(pick(4) * NS_PER_MS);
        if (rc > 0)
            stream_release(&reader->in, &chunk);
        /* This may be the stream that was woken just now. It must then wake
         * the next one. */
        other = &run.readers[pick(run.count)];
        if (other->fd >= 0 && pick(6) == 0) {
            other->is_cancelled = true;
            task_cancel(&other->task);
        }
        if (rc > 0 && pick(16) == 0)
            stream_await_pause(&reader->in);
    }
    stream_await_end(&reader->in);
    check_that(await_close(reader->fd) == 0, "set-up", "a close:", reader->fd);
    return 0;
}

/* Closes the connection if enough peers are served. Otherwise starts the task
 * of its peer. The kernel accepts in the order of the connects, but the
 * descriptor alone does not name the peer. */
static void admit(int fd)
{
    if (run.accepted++ >= SERVED_MAX) {
        check_that(sys_close(fd) == 0, "set-up", "a close:", fd);
        return;
    }
    for (unsigned i = 0; i < run.count; i++) {
        struct reader *reader = &run.readers[i];

        /* The file of the connection identifies the peer. */
        if (reader->conn == NULL || &reader->conn->file != file_of(fd))
            continue;
        reader->fd = fd;
        check_that(task_spawn(&reader->task, "reader", read_all, reader) == 0,
                   "set-up", "a task:", 0);
        return;
    }
    check_fail("set-up", "fd %d is not of a peer", fd);
}

/* Accepts some of the peers, with pauses. A backlog that is longer than the CQ
 * ends the accept with a connection, perhaps during a pause. In the end, stops
 * the acceptor, whose accept is parked, or has the next connection already. */
static int accept_some(void *arg) /* task body */
{
    int listener = *(int *)arg, fd;

    while (run.accepted < run.accepts_max) {
        acceptor_resume(&run.acceptor, true);
        (void)semaphore_await_take(&run.bell);
        if (pick(3) == 0) {
            acceptor_pause(&run.acceptor);
            (void)await_sleep_ns(pick(4) * NS_PER_MS);
        }
        while (run.accepted < run.accepts_max &&
               (fd = acceptor_take(&run.acceptor)) >= 0)
            admit(fd);
    }
    (void)await_sleep_ns(pick(4) * NS_PER_MS);
    acceptor_close(&run.acceptor);
    while (!acceptor_is_over(&run.acceptor))
        (void)semaphore_await_take(&run.bell);
    for (unsigned i = 0; i < run.count; i++)
        if (run.readers[i].fd >= 0)
            (void)task_join(&run.readers[i].task);
    return await_close(listener);
}

/* A small CQ ends multishots by its overflow. */
static void drive(void)
{
    const struct loop_options options = {
        .ring = {.sq_entries = knob_is_on(KNOB_SQ_TWO) ? 2 : 8,
                 .cq_entries = knob_is_on(KNOB_SMALL_CQ) ? 4 : 32},
        .tasks_max = SERVED_MAX + 1,
        .stack_len = 16384,
    };
    struct loop loop; /* of this run only */
    int listener = sys_socket(AF_INET, SOCK_STREAM, 0);
    int rc = loop_init(&loop, &options);

    check_that(rc == 0, "set-up", "a loop:", rc);
    memset(&run, 0, sizeof run);
    run.count = 1 + pick(PEERS_MAX);
    run.accepts_max = pick(run.count + 1);
    for (unsigned i = 0; i < run.count; i++)
        run.readers[i] = (struct reader){.number = i, .fd = -1,
                                         .to_send = pick(SENT_MAX),
                                         .wakes_ns = world_now_ns() +
                                                     pick(5) * NS_PER_MS};
    rc = bufring_init(&run.bufring, &loop.ring,
                      1u << pick(knob_is_on(KNOB_FEW_BUFS) ? 2 : 5), BUF_LEN,
                      0);
    check_that(rc == 0 && sys_listen(listener, 8) == 0, "set-up",
               "a pool of buffers:", rc);
    run.bufring.receive = (enum bufring_receive)pick(3);
    acceptor_init(&run.acceptor, listener, run.arrived, PEERS_MAX + 1);
    run.acceptor.notify = notify;
    world_add_source(offer_events);
    rc = loop_run(&loop, accept_some, &listener);
    check_that(rc == 0, "the-program-ends-well", "its result is", rc);
    check_that(loop.stale_cqes == 0, "one-terminal-result", "stale CQEs:",
               (int64_t)loop.stale_cqes);
    bufring_finish(&run.bufring);
    loop_finish(&loop);
}

const struct sim_driver drive_stream = {
    .name = "stream",
    .what = "streams that share few buffers, and an acceptor that stops",
    .run = drive,
};
