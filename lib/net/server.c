/* server.c: one task per connection, with a graceful shutdown; see server.h.
 * Introduced in phase 8. Needs: server.h, admit.h, await.h, dormant.h,
 * drain_report.h, evict.h, sys.h.
 *
 * What it teaches: a graceful shutdown has an order. Stop accepting, let busy
 * connections finish, close those that do not finish in time, and release
 * nothing that the kernel still uses. */
#include "server.h"

#include <assert.h>
#include <string.h>

#include "admit.h"
#include "await.h"
#include "dormant.h"
#include "drain_report.h"
#include "evict.h"
#include "sys.h"

#define NS_PER_MS UINT64_C(1000000)
#define ARRIVED_MAX (LIMIT_BACKLOG + 1u)

static size_t align(size_t len, size_t unit)
{
    return (len + unit - 1) / unit * unit;
}

/* Maps the memory of all connections in one call: the struct conns, the queue
 * of arrived fds, and the states with their indices. Writes only the indices,
 * because most servers never have that many connections. */
static int map_conns(struct server *server)
{
    unsigned count = server->options.limits->conns_max;
    size_t conns_len = align(count * sizeof *server->conns, 64);
    size_t arrived_len = align(ARRIVED_MAX * sizeof(int), 64);
    size_t free_len = count * sizeof *server->states.free;
    size_t page = sys_page_size(), state_len = server->options.state_len;
    char *memory;
    int rc;

    /* A long state takes whole pages, so that states_release can discard it. */
    state_len = align(state_len, state_len < page ? 64 : page);
    server->mapped_len =
        count * state_len + conns_len + arrived_len + free_len;
    rc = sys_map(&server->memory, server->mapped_len);
    if (rc < 0)
        return rc;
    memory = (char *)server->memory + count * state_len;
    server->conns = (struct conn *)(void *)memory;
    acceptor_init(&server->acceptor, -1, (int *)(void *)(memory + conns_len),
                  ARRIVED_MAX);
    states_init(&server->states, count, server->memory, state_len,
                (unsigned *)(void *)(memory + conns_len + arrived_len));
    return 0;
}

struct conn *server_take_conn(struct server *server)
{
    struct queue_node *node = queue_pop(&server->free);
    struct conn *conn;

    if (node != NULL)
        return container_of(node, struct conn, node);
    assert(server->fresh < server->options.limits->conns_max);
    conn = &server->conns[server->fresh++];
    conn->server = server;
    conn->task.on_end = admit_on_conn_end;
    conn->limit.fire = dormant_on_limit;
    return conn;
}

static void server_on_accept(struct acceptor *acceptor)
{
    struct server *server = container_of(acceptor, struct server, acceptor);

    admit_clients(server, false);
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
    if (rc < 0) {
        bufring_finish(&server->bufring);
        return rc;
    }
    server->room = &server->own_room;
    if (options->peers != NULL)
        server->room = options->peers->room;
    room_add(server->room, options->limits->conns_max);
    return 0;
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

enum which { FRESH, ALL };

/* Ends the input of all connections, or only of those whose first request has
 * not begun. */
static void end_inputs(struct server *server, enum which which)
{
    for (unsigned i = 0; i < server->fresh; i++) {
        struct conn *conn = &server->conns[i];

        if (conn->is_alive && (which == ALL || !conn->has_begun))
            admit_end_input(conn);
    }
}

/* Cancels the tasks of all connections. Each task then closes its connection. A
 * dormant connection has no task: the end of its input, or input that the loop
 * has not seen yet, starts one. admit_run cancels that task. */
static void cancel_conns(struct server *server)
{
    server->is_cancelling = true;
    for (unsigned i = 0; i < server->fresh; i++)
        if (server->conns[i].is_dormant)
            admit_end_input(&server->conns[i]);
        else if (server->conns[i].is_alive)
            task_cancel(&server->conns[i].task);
}

/* Takes all of this server's free slots, so that other rings cannot take one
 * and send more clients. A ring that took a slot earlier may still send its
 * client. */
static void begin_stopping(struct server *server)
{
    server->stopping_room = room_take_all(server->room);
    server->is_stopping = true;
}

void server_stop(struct server *server)
{
    if (!server->is_stopping) {
        begin_stopping(server);
        future_complete(&server->stopped, 0);
        return;
    }
    acceptor_close(&server->acceptor);
    cancel_conns(server);
    admit_note_end(server);
}

/* Waits until all connections have ended, ms milliseconds have passed, or this
 * task is interrupted. Returns true if all connections have ended. */
static bool server_await_ended(struct server *server, unsigned ms)
{
    int rc;

    deadline_set_ns(ms * NS_PER_MS);
    rc = future_wait(&server->all_ended);
    deadline_clear();
    return rc == 0;
}

/* Waits like server_await_ended. If that takes longer than LIMIT_QUIET_MS,
 * prints how long it may take. */
static bool server_await_first(struct server *server, unsigned ms)
{
    const unsigned quiet_ms = ms < LIMIT_QUIET_MS ? ms : LIMIT_QUIET_MS;

    if (server_await_ended(server, quiet_ms))
        return true;
    drain_report(server->options.program, server->options.limits->drain_ms);
    return server_await_ended(server, ms - quiet_ms);
}

/* Drains in the order that server.h describes. Fresh connections get some time,
 * because a client that connected before the stop may already have sent its
 * first request. */
static void server_await_drained(struct server *server)
{
    const unsigned drain_ms = server->options.limits->drain_ms;
    const unsigned fresh_ms =
        drain_ms < LIMIT_FRESH_MS ? drain_ms : LIMIT_FRESH_MS;

    server->is_draining = true;
    server->accepted_max =
        server->accepted + server->acceptor.count + ARRIVED_MAX;
    while (server->idle.first != NULL)
        admit_end_input(container_of(server->idle.first, struct conn, idle));
    admit_clients(server, false);
    if (server_await_first(server, fresh_ms))
        return;
    end_inputs(server, FRESH);
    if (server_await_ended(server, drain_ms - fresh_ms))
        return;
    acceptor_close(&server->acceptor);
    end_inputs(server, ALL);
    admit_note_end(server);
    if (server_await_ended(server, LIMIT_LAST_MS))
        return;
    cancel_conns(server);
    while (!server->all_ended.is_done)
        (void)future_wait(&server->all_ended);
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
    server->grace.fire = admit_on_grace;
    if (server->options.limits->per_address_max > 0)
        server->acceptor.admits = admit_by_quota;
    acceptor_resume(&server->acceptor, false);
    (void)future_wait(&server->stopped);
    if (!server->is_stopping) /* this task was interrupted */
        begin_stopping(server);
    server_await_drained(server);
    pace_stop(server);
    loop_cancel_timer(&server->grace);
    return server->acceptor.error;
}

void conn_set_idle(struct conn *conn, bool is_idle)
{
    struct server *server = conn->server;

    if (!is_idle) {
        conn->has_begun = true;
        idle_remove(&server->idle, &conn->idle);
        idle_remove(&server->heads, &conn->head);
        return;
    }
    if (!conn->has_begun || conn->is_leaving || conn->idle.is_listed)
        return;
    if (server->is_stopping) {
        admit_end_input(conn);
        return;
    }
    idle_add(&server->idle, &conn->idle);
    if (!room_is_left(server->room)) /* a client may be waiting */
        admit_clients(server, false);
}

void conn_wait_peer(struct conn *conn)
{
    conn->has_begun = true;
    idle_remove(&conn->server->idle, &conn->idle);
    evict_note_head(conn);
}
