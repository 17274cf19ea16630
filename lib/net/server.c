/* server.c: one task per connection, with a graceful shutdown; see server.h.
 * Introduced in phase 8. Needs: server.h, await.h, sys.h.
 *
 * What it teaches: a limit needs a rule for the case that it is reached, and a
 * graceful shutdown needs an order. Stop accepting, let busy connections
 * finish, close those that do not, and release nothing that the kernel still
 * uses. */
#include "server.h"

#include <assert.h>
#include <string.h>

#include "await.h"
#include "sys.h"

#define NS_PER_MS UINT64_C(1000000)
#define ARRIVED_MAX (LIMIT_BACKLOG + 1u)

static size_t align(size_t len)
{
    return (len + 63) & ~(size_t)63;
}

/* Closes the listener as soon as the accept has ended, without waiting for the
 * connections. The kernel then refuses new clients, which can try another
 * server. Completes all_ended once no connection is left. */
static void note_if_all_ended(struct server *server)
{
    struct acceptor *acceptor = &server->acceptor;

    if (!server->is_stopping || !acceptor_is_over(acceptor))
        return;
    if (acceptor->listener >= 0)
        sys_close(acceptor->listener); /* cannot block, as in acceptor_close */
    acceptor->listener = -1;
    if (server->alive == 0 && !server->all_ended.is_done)
        future_complete(&server->all_ended, 0);
}

/* Serves a connection, and ends its stream before closing the fd. If a receive
 * were still in flight, the close would not notify the peer, and the receive
 * would continue although its fd number may refer to another file. */
static int run_conn(void *arg)
{
    struct conn *conn = arg;
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};

    conn->server->options.serve(conn);
    stream_await_end(&conn->in);
    if (conn->aborts)
        (void)sys_set_linger(conn->fd, &reset);
    await_close(conn->fd);
    return 0;
}

static void start_conn(struct server *server, struct conn *conn, int fd)
{
    conn->fd = fd;
    conn->is_idle = true;
    conn->aborts = false;
    stream_init(&conn->in, fd, &server->bufring, LIMIT_CREDIT);
    if (task_spawn(&conn->task, server->options.name, run_conn, conn) < 0) {
        /* There is no memory for a stack: drop the connection. */
        queue_push(&server->free, &conn->node);
        sys_close(fd);
        server->acceptor.dropped++;
        return;
    }
    conn->is_alive = true;
    server->alive++;
    server->accepted++;
}

/* Starts a connection for each fd that has arrived, while conns are free. Then
 * resumes accepting if a conn is still free, and pauses it otherwise. */
static void admit(struct server *server, bool fd_came_free)
{
    while (!queue_is_empty(&server->free)) {
        int fd = acceptor_take(&server->acceptor);
        struct queue_node *node;

        if (fd < 0)
            break;
        node = queue_pop(&server->free);
        start_conn(server, container_of(node, struct conn, node), fd);
    }
    if (queue_is_empty(&server->free))
        acceptor_pause(&server->acceptor);
    else
        acceptor_resume(&server->acceptor, fd_came_free);
    note_if_all_ended(server);
}

static void server_on_conn_end(struct task *task)
{
    struct conn *conn = container_of(task, struct conn, task);
    struct server *server = conn->server;

    conn->is_alive = false;
    conn->fd = -1;
    server->alive--;
    server->closed++;
    queue_push(&server->free, &conn->node);
    admit(server, true);
}

/* Maps the memory of all connections in one call. */
static int map_conns(struct server *server)
{
    unsigned count = server->options.limits->conns_max;
    size_t conns_len = align(count * sizeof *server->conns);
    size_t arrived_len = align(ARRIVED_MAX * sizeof(int));
    size_t state_len = align(server->options.state_len);
    char *memory;
    int rc;

    server->mapped_len = conns_len + arrived_len + count * state_len;
    rc = sys_map(&server->memory, server->mapped_len);
    if (rc < 0)
        return rc;
    memory = server->memory;
    server->conns = (struct conn *)(void *)memory;
    acceptor_init(&server->acceptor, -1, (int *)(void *)(memory + conns_len),
                  ARRIVED_MAX);
    for (unsigned i = 0; i < count; i++) {
        struct conn *conn = &server->conns[i];

        conn->server = server;
        conn->task.on_end = server_on_conn_end;
        conn->state = memory + conns_len + arrived_len + i * state_len;
        queue_push(&server->free, &conn->node);
    }
    return 0;
}

static void server_on_accept(struct acceptor *acceptor)
{
    struct server *server = container_of(acceptor, struct server, acceptor);

    admit(server, false);
    if (acceptor->error != 0 && !server->is_stopping)
        server_stop(server);
}

int server_init(struct server *server, const struct server_options *options)
{
    int rc;

    memset(server, 0, sizeof *server);
    server->options = *options;
    server->context = options->context;
    rc = bufring_init(&server->bufring, &loop_current()->ring,
                      options->limits->bufs, LIMIT_BUF_LEN, 0);
    if (rc < 0)
        return rc;
    rc = map_conns(server);
    if (rc < 0)
        bufring_finish(&server->bufring);
    return rc;
}

void server_finish(struct server *server)
{
    assert(server->alive == 0);
    assert(!op_is_in_flight(&server->acceptor.op));
    bufring_finish(&server->bufring);
    if (server->memory != NULL)
        sys_unmap(server->memory, server->mapped_len);
    memset(server, 0, sizeof *server);
}

/* Cancels the tasks of the connections. Each task then closes its
 * connection. */
static void cancel_conns(struct server *server, bool only_idle)
{
    for (unsigned i = 0; i < server->options.limits->conns_max; i++) {
        struct conn *conn = &server->conns[i];

        if (conn->is_alive && (conn->is_idle || !only_idle))
            task_cancel(&conn->task);
    }
}

void server_stop(struct server *server)
{
    if (server->is_stopping) {
        cancel_conns(server, false);
        return;
    }
    server->is_stopping = true;
    future_complete(&server->stopped, 0);
}

static void server_await_drained(struct server *server)
{
    acceptor_close(&server->acceptor);
    cancel_conns(server, true);
    note_if_all_ended(server);
    deadline_set_ns(server->options.limits->drain_ms * NS_PER_MS);
    if (future_wait(&server->all_ended) < 0) {
        deadline_clear();
        cancel_conns(server, false);
        while (!server->all_ended.is_done)
            (void)future_wait(&server->all_ended);
    }
    deadline_clear();
}

int server_await_end(struct server *server, int listener)
{
    struct sockaddr_storage address;
    socklen_t len;

    server->acceptor.listener = listener;
    server->acceptor.notify = server_on_accept;
    /* A multishot receive may miss EOF on a Unix socket: see stream.h. */
    if (sys_local_address(listener, &address, &len) == 0 &&
        address.ss_family == AF_UNIX)
        server->bufring.receive = BUFRING_SINGLE;
    acceptor_resume(&server->acceptor, false);
    (void)future_wait(&server->stopped);
    server->is_stopping = true; /* this task itself may have been cancelled */
    server_await_drained(server);
    return server->acceptor.error;
}

void conn_set_idle(struct conn *conn, bool is_idle)
{
    conn->is_idle = is_idle;
    if (is_idle && conn->server->is_stopping)
        task_cancel(&conn->task);
}
