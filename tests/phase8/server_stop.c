/* server_stop.c: a server is told to stop: idle connections end at once, busy
 * ones when they have finished, when drain_ms has passed, or when it is told
 * twice. */
#include "server.h"

#include <errno.h>
#include <unistd.h>

#include "await.h"
#include "serving.h"

#define MS UINT64_C(1000000)

TASK_TEST(a_server_that_is_stopped_before_it_starts_serves_no_client)
{
    limits = (struct limits)LIMITS_DEFAULT;
    listen_at_tcp();
    init_server(serve_echo, 0);
    connect_client(0);
    server_stop(&server);
    check_res(server_await_end(&server, listener), 0);
    ck_assert_uint_eq(server.accepted, 0);
    server_finish(&server);
    check(await_last(0) <= 0);
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
    connect_client(3); /* connected, and perhaps not accepted yet */
    began = loop_now_ns();
    server_stop(&server);
    for (int i = 0; i < 3; i++)
        check_res(await_last(i), 0);
    check(await_last(3) <= 0);
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
    check_res(rc, -ECANCELED);
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
    check_res(stream_await_chunk(&conn->in, &chunk), -ECANCELED);
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
    suite_add(a_server_that_is_stopped_before_it_starts_serves_no_client);
    suite_add(idle_connections_end_at_once);
    suite_add(a_busy_connection_finishes_its_work);
    suite_add(a_busy_connection_is_closed_after_drain_ms);
    suite_add(a_server_that_is_stopped_twice_does_not_wait);
    suite_add(a_connection_that_becomes_idle_while_it_stops_ends_there);
    suite_add(a_connection_may_stop_the_server);
    suite_add(a_cancelled_server_task_ends_its_connections);
    return suite_end();
}
