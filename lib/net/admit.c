/* admit.c: finds a slot for each client; see admit.h.
 * Introduced in phase 8. Needs: admit.h, await.h, evict.h, quota.h,
 * sys.h, sys_net.h.
 *
 * What it teaches: a limit needs a rule for clients that arrive after it was
 * reached. Without such a rule, idle connections keep new clients waiting. */
#include "admit.h"

#include <assert.h>
#include <sys/socket.h>

#include "await.h"
#include "evict.h"
#include "quota.h"
#include "sys.h"
#include "sys_net.h"

/* Takes a slot for a connection. The free slots are in server->room, from which
 * other rings can take them, too. A stopping server keeps its free slots in
 * stopping_room, from which other rings cannot take them. */
static bool take_slot(struct server *server)
{
    if (!server->is_stopping)
        return room_take(server->room);
    if (server->stopping_room == 0)
        return false;
    server->stopping_room--;
    return true;
}

static void put_slot(struct server *server)
{
    if (server->is_stopping)
        server->stopping_room++;
    else
        room_add(server->room, 1);
}

/* Returns true if a stopping server has to accept another client from its
 * backlog. It accepts at most as many clients as the backlog can hold. Without
 * this limit, clients that keep connecting could keep the listener open. */
static bool has_backlog(const struct server *server)
{
    const struct acceptor *acceptor = &server->acceptor;

    return acceptor->error == 0 && !acceptor->is_closed &&
           server->accepted + acceptor->count < server->accepted_max &&
           sys_has_input(acceptor->listener);
}

void admit_note_end(struct server *server)
{
    struct acceptor *acceptor = &server->acceptor;

    if (!server->is_draining)
        return;
    if (acceptor->listener >= 0 && !has_backlog(server)) {
        /* When the accept ends, this function is called again. */
        acceptor_pause(acceptor);
        if (op_is_in_flight(&acceptor->op))
            return;
        timer_disarm(&loop_current()->sched.timers, &acceptor->retry);
        /* A listener has nothing to send, so its close cannot block. */
        sys_close(acceptor->listener);
        acceptor->listener = -1;
    }
    if (acceptor->listener < 0 && acceptor->count == 0 && server->alive == 0 &&
        server->stopping_room == server->options.limits->conns_max &&
        !server->all_ended.is_done)
        future_complete(&server->all_ended, 0);
}

void admit_end_input(struct conn *conn)
{
    idle_remove(&conn->server->idle, &conn->idle);
    idle_remove(&conn->server->heads, &conn->head);
    if (conn->fd >= 0) /* otherwise the fd is being closed */
        (void)sys_shutdown(conn->fd, SHUT_RD);
}

bool admit_by_quota(struct acceptor *acceptor, int fd)
{
    struct server *server = container_of(acceptor, struct server, acceptor);
    struct peer peer = peer_of(fd);

    return quota_has_room(&peer, server->options.limits->per_address_max);
}

/* Serves a connection, and ends its stream before closing the fd. If a receive
 * were still in flight, the close would not notify the peer. The receive would
 * continue, although its fd number might by then refer to another file. */
static int run_conn(void *arg)
{
    struct conn *conn = arg;
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    int fd = conn->fd;

    conn->server->options.serve(conn);
    if (conn->is_dormant)
        return 0;
    stream_await_end(&conn->in);
    if (conn->aborts)
        (void)sys_set_linger(fd, &reset);
    /* After the close, the kernel may give this number to another client before
     * this task runs again. admit_end_input must not shut down that client's
     * socket. */
    conn->fd = -1;
    await_close(fd);
    return 0;
}

int admit_run(struct conn *conn)
{
    struct states *states = &conn->server->states;
    int rc = task_spawn(&conn->task, conn->server->options.name, run_conn,
                        conn);

    if (rc < 0)
        return rc;
    conn->state_index = states_take(states);
    conn->state = states_memory(states, conn->state_index);
    pace_start(conn->server);
    if (conn->server->is_cancelling)
        task_cancel(&conn->task);
    return 0;
}

/* Prepares a connection for its client. Returns false if the client's address
 * has too many connections. admit_by_quota has checked this, but other rings
 * may have accepted connections of the same address since then. */
static bool prepare(struct conn *conn, int fd)
{
    struct server *server = conn->server;
    const unsigned max = server->options.limits->per_address_max;

    assert(!conn->head.is_listed && !conn->idle.is_listed);
    conn->fd = fd;
    conn->has_begun = false;
    conn->is_leaving = false;
    conn->aborts = false;
    conn->requests = 0;
    conn->pace = (struct pace){0};
    if (server->options.knows_peers || max > 0)
        conn->peer = peer_of(fd);
    stream_init(&conn->in, fd, &server->bufring, LIMIT_CREDIT);
    if (max == 0 || quota_take(&conn->peer, max))
        return true;
    server->over_quota++;
    return false;
}

/* Starts the connection's task. Returns false if task_spawn fails. */
static bool start_task(struct conn *conn)
{
    if (admit_run(conn) == 0)
        return true;
    if (conn->server->options.limits->per_address_max > 0)
        quota_release(&conn->peer);
    conn->server->acceptor.dropped++;
    return false;
}

/* Starts serving a connection. The caller has taken a slot for it. On failure,
 * closes fd and frees the slot. */
static void start_conn(struct server *server, int fd)
{
    struct conn *conn = server_take_conn(server);

    if (!prepare(conn, fd) || !start_task(conn)) {
        queue_push(&server->free, &conn->node);
        put_slot(server);
        sys_close(fd);
        return;
    }
    conn->is_alive = true;
    server->alive++;
    server->accepted++;
    evict_note_head(conn); /* it is in server->heads until its first request */
    server_publish_counters(server);
}

/* Makes room for clients that have arrived but have no slot. Passes them to
 * other rings that have room. For each remaining client, ends a connection. */
static void make_room(struct server *server)
{
    const struct server_peers *peers = server->options.peers;
    struct acceptor *acceptor = &server->acceptor;
    struct conn *conn;

    while (peers != NULL && !server->is_stopping && acceptor->count > 0 &&
           peers->take(server, acceptor->arrived[acceptor->first]))
        (void)acceptor_take(acceptor);
    while (server->leaving < acceptor->count &&
           (conn = evict_find(server)) != NULL) {
        admit_end_input(conn);
        conn->is_leaving = true;
        server->leaving++;
        server->evicted++;
    }
}

/* Returns true if this server can find a slot for one more client. */
static bool has_place(struct server *server)
{
    const struct server_peers *peers = server->options.peers;

    if (server->is_stopping)
        return server->stopping_room > 0;
    return room_is_left(server->room) || evict_find(server) != NULL ||
           (peers != NULL && peers->have_room(server));
}

void admit_on_grace(struct timer *timer)
{
    admit_clients(container_of(timer, struct server, grace), false);
}

void admit_clients(struct server *server, bool fd_came_free)
{
    struct acceptor *acceptor = &server->acceptor;

    while (acceptor->count > 0 && take_slot(server))
        start_conn(server, acceptor_take(acceptor));
    make_room(server);
    admit_note_end(server);
    if (acceptor->listener < 0)
        return;
    if (has_place(server) && acceptor->count == 0)
        acceptor_resume(acceptor, fd_came_free);
    else
        acceptor_pause(acceptor);
    evict_arm_grace(server);
}

void admit_on_conn_end(struct task *task)
{
    struct conn *conn = container_of(task, struct conn, task);
    struct server *server = conn->server;

    states_release(&server->states, conn->state_index);
    server_publish_counters(server);
    if (conn->is_dormant)
        return;
    timer_disarm(&loop_current()->sched.timers, &conn->limit);
    idle_remove(&server->idle, &conn->idle);
    idle_remove(&server->heads, &conn->head);
    if (server->options.limits->per_address_max > 0)
        quota_release(&conn->peer);
    server->leaving -= conn->is_leaving;
    conn->is_alive = false;
    conn->fd = -1;
    server->alive--;
    server->closed++;
    queue_push(&server->free, &conn->node);
    put_slot(server);
    admit_clients(server, true);
    if (server->options.peers != NULL)
        server->options.peers->on_room(server);
}

void server_adopt(struct server *server, int fd)
{
    if (server->is_stopping)
        server->accepted_max++; /* fd is not from this server's backlog */
    start_conn(server, fd);
    admit_note_end(server); /* start_conn may have failed */
}

void server_on_room(struct server *server)
{
    admit_clients(server, false);
}
