/* server_stop.c: a server stops: idle connections end immediately, and busy
 * ones when they have finished, when drain_ms has passed, or at a second
 * stop. */
#include "server.h"

#include <errno.h>
#include <unistd.h>

#include "await.h"
#include "serving.h"
#include "sys_net.h"

#define MS UINT64_C(1000000)

/* Clients that have sent a request before the stop, and wait in the backlog:
 * more than there are connections. */
TASK_TEST(clients_that_wait_in_the_backlog_are_served_after_the_stop)
{
    limits = (struct limits)LIMITS_DEFAULT;
    limits.conns_max = 4;
    listen_at_tcp();
    init_server(serve_echo, 0);
    for (int i = 0; i < 12; i++) {
        connect_client(i);
        check_res(await_send_all(clients[i], "hello", 5), 0);
    }
    server_stop(&server);
    memset(&server_task, 0, sizeof server_task);
    check_res(task_spawn(&server_task, "server", run_server, NULL), 0);
    for (int i = 0; i < 12; i++) {
        char back[8];

        check_res(await_recv(clients[i], back, sizeof back, 0), 5);
        check_res(await_last(i), 0);
    }
    ck_assert_uint_eq(server.accepted, 12);
    check_res(await_server_end(), 0);
    return 0;
}

/* Clients that go on connecting, until one is refused. Each leaves at once. */
static struct {
    void (*on_accept)(struct acceptor *acceptor); /* of the server */
    unsigned count;
    bool are_refused;
} later;

static void connect_later(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, address_len) == 0) {
        later.count++;
    } else {
        ck_assert_int_eq(errno, ECONNREFUSED);
        later.are_refused = true;
    }
    close(fd);
}

/* The server finds a client in its backlog whenever it looks. */
static void later_on_accept(struct acceptor *acceptor)
{
    if (!later.are_refused && !sys_has_input(acceptor->listener))
        connect_later();
    ck_assert_uint_le(later.count, 2 * LIMIT_BACKLOG);
    later.on_accept(acceptor);
}

/* If every client that connects in time were accepted, the listener would stay
 * open for drain_ms. */
TASK_TEST(clients_that_go_on_connecting_do_not_keep_the_listener_open)
{
    memset(&later, 0, sizeof later);
    start_server(serve_echo);
    limits.drain_ms = 3600000;
    connect_client(0);
    await_echo(0, "hello");
    later.on_accept = server.acceptor.notify;
    server.acceptor.notify = later_on_accept;
    connect_later();
    server_stop(&server);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    /* On another ring, connect(2) may complete the accept, and then the server
     * finds nobody in its backlog. */
    if (loop.ring.flags & IORING_SETUP_DEFER_TASKRUN)
        ck_assert_uint_gt(later.count, LIMIT_BACKLOG);
    return 0;
}

/* It is in the socket, and the loop has not seen it yet. */
TASK_TEST(a_request_that_arrived_on_an_idle_connection_is_served)
{
    char back[8];

    for (int round = 0; round < 20; round++) {
        start_server(serve_echo);
        connect_client(0);
        await_echo(0, "first");
        await_iterations(3);
        ck_assert(send(clients[0], "second", 6, 0) == 6);
        server_stop(&server);
        check_res(await_recv(clients[0], back, sizeof back, 0), 6);
        check_res(await_last(0), 0);
        check_res(await_server_end(), 0);
    }
    return 0;
}

TASK_TEST(a_new_connection_may_send_its_first_request_after_the_stop)
{
    start_server(serve_echo);
    connect_client(0);
    while (server.alive == 0)
        await_iterations(1);
    server_stop(&server);
    await_iterations(5);
    await_echo(0, "hello");
    check_res(await_last(0), 0); /* and no second one */
    check_res(await_server_end(), 0);
    return 0;
}

TASK_TEST(a_new_connection_that_stays_silent_ends_within_drain_ms)
{
    uint64_t began;

    start_server(serve_echo);
    limits.drain_ms = 50;
    connect_client(0);
    while (server.alive == 0)
        await_iterations(1);
    began = loop_now_ns();
    server_stop(&server);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    check(loop_now_ns() - began >= 50 * MS);
    return 0;
}

TASK_TEST(what_was_received_is_returned_after_drain_ms_and_then_the_end)
{
    char back[8];

    start_server(serve_stream);
    limits.drain_ms = 2000; /* a busy machine takes its time until "last" */
    connect_client(0);
    await_echo(0, "before");
    server_stop(&server);
    for (int i = 0; i < 5; i++)
        await_echo(0, "after");
    check_res(await_sleep_ns(50 * MS), 0);
    check_res(await_send_all(clients[0], "last", 4), 0);
    check_res(await_recv(clients[0], back, sizeof back, 0), 4);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    return 0;
}

TASK_TEST(idle_connections_end_at_once)
{
    uint64_t began;

    start_server(serve_echo);
    for (int i = 0; i < 3; i++) {
        connect_client(i);
        await_echo(i, "hello");
    }
    await_iterations(3);
    began = loop_now_ns();
    server_stop(&server);
    for (int i = 0; i < 3; i++)
        check_res(await_last(i), 0);
    check_res(await_server_end(), 0);
    check(loop_now_ns() - began < limits.drain_ms * MS / 2);
    return 0;
}

static struct future work; /* what a busy connection waits for */
static int work_result;

static void serve_work(struct conn *conn)
{
    conn_set_idle(conn, false);
    work_result = future_wait(&work);
    conn->aborts = work_result < 0;
}

static void start_work(unsigned drain_ms)
{
    work = (struct future){0};
    work_result = 1;
    start_server(serve_work);
    limits.drain_ms = drain_ms;
    connect_client(0);
    while (server.alive == 0 || work.waiter == NULL)
        await_iterations(1);
}

TASK_TEST(a_busy_connection_finishes_its_work)
{
    start_work(10000);
    server_stop(&server);
    await_iterations(5);
    ck_assert_uint_eq(server.alive, 1);
    check(conn_should_end(&server.conns[0]));
    clients[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check_res(await_connect(clients[1], (struct sockaddr *)&address,
                            address_len), -ECONNREFUSED);
    close(clients[1]);
    future_complete(&work, 0);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    check_res(work_result, 0);
    return 0;
}

static void serve_after_work(struct conn *conn)
{
    conn_set_idle(conn, false);
    check_res(future_wait(&work), 0);
    serve_stream(conn);
}

/* All connections are busy, so the accept is paused at the stop. */
TASK_TEST(clients_that_wait_behind_busy_connections_are_served_after_the_stop)
{
    work = (struct future){0};
    start_server(serve_after_work);
    for (int i = 0; i < 4; i++)
        connect_client(i);
    while (server.alive < 4 || op_is_in_flight(&server.acceptor.op))
        await_iterations(1);
    for (int i = 4; i < 8; i++)
        connect_client(i);
    server_stop(&server);
    await_iterations(5);
    future_complete(&work, 0);
    for (int i = 0; i < 8; i++) {
        await_echo(i, "hello");
        shutdown(clients[i], SHUT_WR);
        check_res(await_last(i), 0);
    }
    check_res(await_server_end(), 0);
    return 0;
}

TASK_TEST(a_busy_connection_is_closed_after_drain_ms)
{
    uint64_t began;

    start_work(50);
    began = loop_now_ns();
    server_stop(&server);
    check_res(await_last(0), -ECONNRESET);
    check_res(await_server_end(), 0);
    check_res(work_result, -ECANCELED);
    check(loop_now_ns() - began >= 50 * MS);
    return 0;
}

TASK_TEST(a_server_that_is_stopped_twice_does_not_wait)
{
    start_work(3600000);
    server_stop(&server);
    await_iterations(3);
    ck_assert_uint_eq(server.alive, 1);
    server_stop(&server);
    server_stop(&server); /* no more is to be had */
    check_res(await_last(0), -ECONNRESET);
    check_res(await_server_end(), 0);
    check_res(work_result, -ECANCELED);
    return 0;
}

/* Between two messages it is idle, and ends there. */
static void serve_messages(struct conn *conn)
{
    struct chunk chunk;
    int rc;

    serve_work(conn);
    conn_set_idle(conn, true);
    rc = stream_await_chunk(&conn->in, &chunk);
    check_res(rc, 0);
}

TASK_TEST(a_connection_that_becomes_idle_while_it_stops_ends_there)
{
    work = (struct future){0};
    start_server(serve_messages);
    limits.drain_ms = 3600000;
    connect_client(0);
    while (server.alive == 0 || work.waiter == NULL)
        await_iterations(1);
    server_stop(&server);
    await_iterations(3);
    future_complete(&work, 0);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    return 0;
}

static void serve_stop(struct conn *conn)
{
    struct chunk chunk;

    server_stop(conn->server);
    conn_set_idle(conn, false);
    conn_set_idle(conn, true);
    check_res(stream_await_chunk(&conn->in, &chunk), 0);
}

TASK_TEST(a_connection_may_stop_the_server)
{
    start_server(serve_stop);
    connect_client(0);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    return 0;
}

TASK_TEST(a_cancelled_server_task_ends_its_connections)
{
    start_server(serve_echo);
    connect_client(0);
    await_echo(0, "hello");
    task_cancel(&server_task);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    return 0;
}

int main(void)
{
    suite_begin("server_stop");
    suite_add(clients_that_wait_in_the_backlog_are_served_after_the_stop);
    suite_add(clients_that_go_on_connecting_do_not_keep_the_listener_open);
    suite_add(a_request_that_arrived_on_an_idle_connection_is_served);
    suite_add(a_new_connection_may_send_its_first_request_after_the_stop);
    suite_add(a_new_connection_that_stays_silent_ends_within_drain_ms);
    suite_add(what_was_received_is_returned_after_drain_ms_and_then_the_end);
    suite_add(idle_connections_end_at_once);
    suite_add(a_busy_connection_finishes_its_work);
    suite_add(
        clients_that_wait_behind_busy_connections_are_served_after_the_stop);
    suite_add(a_busy_connection_is_closed_after_drain_ms);
    suite_add(a_server_that_is_stopped_twice_does_not_wait);
    suite_add(a_connection_that_becomes_idle_while_it_stops_ends_there);
    suite_add(a_connection_may_stop_the_server);
    suite_add(a_cancelled_server_task_ends_its_connections);
    return suite_end();
}
