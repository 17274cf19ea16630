/* load_conn.c: one connection of echo-client; see load.h.
 *
 * What it teaches: sending and receiving at the same time with one task. While
 * the server sends an echo back, the rest of the message may still be on its
 * way there. A client that first sends all and then receives would wait for a
 * server that waits for it. So the task only receives. A send is an operation
 * with a callback, which starts the next send. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "err.h"
#include "load.h"
#include "load_text.h"
#include "sys.h"

#define CONNECT_NS (5 * NS_PER_S)

/* Returns true if the connection may send another message now. */
static bool may_ask(const struct load_conn *conn)
{
    const struct load_worker *worker = conn->worker;
    const struct load_options *options = worker->options;

    if (conn->asked - conn->answered >= options->depth ||
        (options->bytes != 0 && conn->asked_bytes >= options->bytes))
        return false;
    if (options->rate > 0)
        return conn->asked * worker->count + conn->index < worker->due;
    return loop_now_ns() < worker->end_ns;
}

bool load_conn_is_done(const struct load_conn *conn)
{
    const struct load_options *options = conn->worker->options;

    if (conn->asked != conn->answered || may_ask(conn))
        return false;
    return (options->bytes != 0 && conn->asked_bytes >= options->bytes) ||
           loop_now_ns() >= conn->worker->end_ns;
}

/* Submits a send of the bytes of the messages that have begun, if some are not
 * sent yet and no send is in flight. */
static void start_send(struct load_conn *conn)
{
    uint64_t left = conn->asked_bytes - conn->sent_bytes;
    const char *bytes;
    size_t len;

    if (left == 0 || op_is_in_flight(&conn->send) || conn->is_leaving ||
        !loop_has_slot())
        return;
    bytes = load_text_at(conn->number, conn->sent_bytes, &len);
    io_uring_prep_send(loop_sqe(&conn->send), conn->fd, bytes,
                       left < len ? left : len, MSG_NOSIGNAL);
}

static void load_conn_on_sent(struct op *op, int result, uint32_t flags)
{
    struct load_conn *conn = container_of(op, struct load_conn, send);

    (void)flags;
    if (result > 0)
        conn->sent_bytes += (uint64_t)result;
    if (conn->is_leaving) {
        future_complete(&conn->send_ended, 0);
    } else if (result > 0) {
        start_send(conn);
    } else {
        conn->send_error = result < 0 ? result : -EIO;
        task_cancel(&conn->task.task);
    }
}

void load_conn_ask(struct load_conn *conn)
{
    const struct load_worker *worker = conn->worker;

    while (may_ask(conn)) {
        uint64_t number = conn->asked * worker->count + conn->index;

        conn->began_ns[conn->asked % worker->options->depth] =
            worker->options->rate > 0 ? load_worker_due_ns(worker, number)
                                      : loop_now_ns();
        conn->asked_bytes += load_text_len(conn->asked++);
    }
    start_send(conn);
}

static void count_answer(struct load_conn *conn)
{
    struct load_worker *worker = conn->worker;
    uint64_t began_ns =
        conn->began_ns[conn->answered % worker->options->depth];

    histogram_add(&worker->latency, loop_now_ns() - began_ns);
    atomic_store_explicit(&worker->answered, worker->latency.count,
                          memory_order_relaxed);
    conn->answered++;
    conn->answer_end += load_text_len(conn->answered);
}

/* Compares an echo with the bytes that were sent. Returns 0 or -EBADMSG. */
static int take_echo(struct load_conn *conn, const struct chunk *chunk)
{
    size_t len, i = 0;
    const char *wanted = load_text_at(conn->number, conn->received_bytes, &len);

    if (memcmp(chunk->data, wanted, chunk->len) != 0) {
        while (chunk->data[i] == wanted[i])
            i++;
        fprintf(stderr,
                "echo-client: connection %u: byte %" PRIu64
                " came back as 0x%02x, not 0x%02x\n",
                conn->number, conn->received_bytes + i,
                (unsigned char)chunk->data[i], (unsigned char)wanted[i]);
        return -EBADMSG;
    }
    conn->received_bytes += chunk->len;
    if (conn->received_bytes > conn->asked_bytes)
        return -EBADMSG; /* more than was sent */
    while (conn->answered < conn->asked &&
           conn->received_bytes >= conn->answer_end)
        count_answer(conn);
    return 0;
}

static int take_responses(struct load_conn *conn, const struct chunk *chunk)
{
    int count = load_http_take(&conn->http, chunk->data, chunk->len);

    conn->received_bytes += chunk->len;
    if (count > 0 && (uint64_t)count > conn->asked - conn->answered)
        return -EBADMSG; /* more responses than requests */
    for (int i = 0; i < count; i++)
        count_answer(conn);
    return count < 0 ? count : 0;
}

static int load_conn_await_answers(struct load_conn *conn)
{
    struct chunk chunk;
    int rc = 0;

    while (rc == 0 && !load_conn_is_done(conn)) {
        load_conn_ask(conn);
        if (conn->asked_bytes > conn->sent_bytes &&
            !op_is_in_flight(&conn->send)) {
            loop_await_slot(); /* the ring is smaller than requested */
            start_send(conn);
        }
        rc = stream_await_chunk(&conn->in, &chunk);
        if (rc <= 0)
            return rc < 0 ? rc : -EPIPE;
        rc = conn->worker->options->path != NULL ? take_responses(conn, &chunk)
                                                 : take_echo(conn, &chunk);
        stream_release(&conn->in, &chunk);
    }
    return rc;
}

/* Ends both operations before the fd is closed: see server.h. */
static void load_conn_await_closed(struct load_conn *conn)
{
    stream_await_end(&conn->in);
    conn->is_leaving = true;
    if (op_is_in_flight(&conn->send)) {
        loop_cancel(&conn->send);
        future_wait_until_done(&conn->send_ended, NULL);
    }
    await_close(conn->fd);
    conn->fd = -1;
}

static int load_conn_run(void *arg) /* task body */
{
    struct load_conn *conn = arg;
    int rc = load_conn_await_answers(conn);

    load_conn_await_closed(conn);
    if (conn->send_error < 0)
        rc = conn->send_error;
    else if (rc == -ECANCELED && load_conn_is_done(conn))
        rc = 0; /* the time is over */
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr,
                "echo-client: connection %u: after %" PRIu64
                " bytes: %s (%s)\n",
                conn->number, conn->received_bytes, err_words(rc),
                err_name(rc));
    return rc;
}

int load_conn_start(struct load_conn *conn)
{
    return group_spawn(&conn->worker->group, &conn->task, "connection",
                       load_conn_run, conn);
}

int load_conn_await_connected(struct load_conn *conn)
{
    struct load_worker *worker = conn->worker;
    const struct net_address *to = &worker->options->address;
    int fd = sys_socket(to->storage.ss_family, SOCK_STREAM, 0);
    int rc;

    if (fd < 0)
        return fd;
    (void)sys_set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); /* Unix: none */
    deadline_set_ns(CONNECT_NS);
    rc = await_connect(fd, (const struct sockaddr *)&to->storage, to->len);
    deadline_clear();
    if (rc < 0) {
        await_close(fd);
        return rc;
    }
    conn->fd = fd;
    conn->send.complete = load_conn_on_sent;
    conn->answer_end = load_text_len(0);
    stream_init(&conn->in, fd, &worker->bufring, 8);
    return 0;
}
