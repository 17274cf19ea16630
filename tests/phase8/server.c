/* server.c: connections as tasks: their limit, their order, their end. Server
 * and clients are tasks of one loop. */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "await.h"
#include "deny.h"
#include "fds.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)
#define CLIENTS_MAX 16

static struct server server;
static struct limits limits;
static struct sockaddr_storage address;
static socklen_t address_len;
static int listener;
static struct task server_task;
static int clients[CLIENTS_MAX];

static int run_server(void *arg) /* task body */
{
    (void)arg;
    return server_await_end(&server, listener);
}

static void listen_at_tcp(void)
{
    struct sockaddr_in *to = (struct sockaddr_in *)&address;

    memset(&address, 0, sizeof address);
    to->sin_family = AF_INET;
    to->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address_len = sizeof *to;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(bind(listener, (struct sockaddr *)&address, address_len) == 0);
    ck_assert(listen(listener, 64) == 0);
    ck_assert(getsockname(listener, (struct sockaddr *)&address,
                          &address_len) == 0);
}

static void init_server(void (*serve)(struct conn *conn), size_t state_len)
{
    const struct server_options options = {
        .limits = &limits,
        .name = "connection",
        .serve = serve,
        .context = &limits,
        .state_len = state_len,
    };

    check_res(server_init(&server, &options), 0);
    check(server.context == &limits);
}

/* For the tests that need nothing special: few connections, short times. */
static void start_server(void (*serve)(struct conn *conn))
{
    limits = (struct limits)LIMITS_DEFAULT;
    limits.conns_max = 4;
    limits.bufs = 16;
    listen_at_tcp();
    init_server(serve, 0);
    memset(&server_task, 0, sizeof server_task);
    check_res(task_spawn(&server_task, "server", run_server, NULL), 0);
}

static int await_server_end(void)
{
    int rc = task_join(&server_task);

    ck_assert_uint_eq(server.alive, 0);
    ck_assert_uint_eq(server.accepted, server.closed);
    ck_assert_uint_eq(bufring_free_count(&server.bufring),
                      server.bufring.count);
    server_finish(&server);
    return rc;
}

static void connect_client(int i)
{
    clients[i] = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_msg(connect(clients[i], (struct sockaddr *)&address,
                          address_len) == 0,
                  "connect: %s", strerror(errno));
}

static void await_iterations(int count)
{
    for (int i = 0; i < count; i++)
        check_res(await_sleep_ns(1), 0);
}

/* Sends text and waits until it has come back. */
static void await_echo(int i, const char *text)
{
    char back[64];
    int len = (int)strlen(text);

    check_res(await_send_all(clients[i], text, strlen(text)), 0);
    check_res(await_recv(clients[i], back, sizeof back, 0), len);
    ck_assert_mem_eq(back, text, strlen(text));
}

/* Waits for what the server sends last: 0 is its end. */
static int await_last(int i)
{
    char byte;
    int got = await_recv(clients[i], &byte, 1, 0);

    close(clients[i]);
    return got;
}

/* --- what a connection may do -------------------------------------------- */

static void serve_echo(struct conn *conn)
{
    struct chunk chunk;

    for (;;) {
        conn_set_idle(conn, true);
        if (stream_await_chunk(&conn->in, &chunk) <= 0)
            break;
        conn_set_idle(conn, false);
        if (await_send_all(conn->fd, chunk.data, chunk.len) < 0)
            conn->aborts = true;
        stream_release(&conn->in, &chunk);
    }
}

static int serve_many(void *arg)
{
    int fds = fds_open();
    char text[64];

    (void)arg;
    start_server(serve_echo);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            connect_client(i);
        for (int i = 3; i >= 0; i--) {
            snprintf(text, sizeof text, "round %d, client %d", round, i);
            await_echo(i, text);
        }
        ck_assert_uint_eq(server.alive, 4);
        for (int i = 0; i < 4; i++) {
            shutdown(clients[i], SHUT_WR);
            check_res(await_last(i), 0);
        }
        while (server.alive > 0)
            await_iterations(1);
    }
    ck_assert_uint_eq(server.accepted, 12);
    ck_assert_int_ne(server.bufring.receive, BUFRING_SINGLE);
    server_stop(&server);
    check_res(await_server_end(), 0);
    ck_assert_int_eq(fds_open(), fds);
    return 0;
}

TEST(each_connection_is_served_by_a_task_of_its_own_and_closed)
{
    check_res(run(serve_many, NULL), 0);
}

struct state {
    char bytes[100];
};

static unsigned states_seen;

static void serve_from_state(struct conn *conn)
{
    struct state *state = conn->state;
    struct chunk chunk;

    check((uintptr_t)state % 16 == 0);
    memset(state->bytes, 'a' + conn->fd % 26, sizeof state->bytes);
    states_seen++;
    (void)stream_await_chunk(&conn->in, &chunk); /* all four are alive now */
    for (size_t i = 0; i < sizeof state->bytes; i++)
        check(state->bytes[i] == 'a' + conn->fd % 26);
    check(conn->server == &server && conn->server->context == &limits);
}

static int keep_states(void *arg)
{
    (void)arg;
    limits = (struct limits)LIMITS_DEFAULT;
    limits.conns_max = 4;
    listen_at_tcp();
    init_server(serve_from_state, sizeof(struct state));
    check_res(task_spawn(&server_task, "server", run_server, NULL), 0);
    for (int i = 0; i < 4; i++)
        connect_client(i);
    while (states_seen < 4)
        await_iterations(1);
    for (int i = 0; i < 4; i++)
        close(clients[i]);
    while (server.closed < 4)
        await_iterations(1);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

TEST(each_connection_has_memory_of_its_own)
{
    check_res(run(keep_states, NULL), 0);
}

static int exceed_conns(void *arg)
{
    (void)arg;
    start_server(serve_echo);
    for (int i = 0; i < 12; i++)
        connect_client(i);
    for (int i = 0; i < 12; i++) {
        await_echo(i, "at last");
        ck_assert_uint_le(server.alive, 4);
        close(clients[i]);
    }
    while (server.closed < 12)
        await_iterations(1);
    ck_assert_uint_ge(server.acceptor.pauses, 1);
    ck_assert_uint_eq(server.acceptor.dropped, 0);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

TEST(clients_beyond_conns_max_wait_until_others_leave)
{
    check_res(run(exceed_conns, NULL), 0);
}

static void serve_and_abort(struct conn *conn)
{
    struct chunk chunk;

    if (stream_await_chunk(&conn->in, &chunk) > 0) {
        conn->aborts = chunk.data[0] == 'a';
        stream_release(&conn->in, &chunk);
    }
}

static int end_both_ways(void *arg)
{
    (void)arg;
    start_server(serve_and_abort);
    connect_client(0);
    connect_client(1);
    check_res(await_send_all(clients[0], "abort", 5), 0);
    check_res(await_send_all(clients[1], "end", 3), 0);
    check_res(await_last(0), -ECONNRESET);
    check_res(await_last(1), 0);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

TEST(a_connection_that_aborts_is_reset_and_another_ends)
{
    check_res(run(end_both_ways, NULL), 0);
}

/* Serves nothing, and leaves what has arrived where it is. */
static void serve_nothing(struct conn *conn)
{
    struct chunk chunk;

    if (stream_await_chunk(&conn->in, &chunk) > 0)
        stream_release(&conn->in, &chunk);
}

static int leave_data(void *arg)
{
    static const char bytes[40000];

    (void)arg;
    start_server(serve_nothing);
    for (int i = 0; i < 8; i++) {
        connect_client(0);
        check_res(await_send_all(clients[0], bytes, sizeof bytes), 0);
        check(await_last(0) <= 0);
    }
    server_stop(&server);
    check_res(await_server_end(), 0); /* every buffer came back */
    return 0;
}

TEST(what_a_connection_left_unread_goes_back_to_the_pool)
{
    check_res(run(leave_data, NULL), 0);
}

/* --- refusals ------------------------------------------------------------ */

static int run_out_of_tasks(void *arg)
{
    (void)arg;
    start_server(serve_echo);
    connect_client(0);
    await_echo(0, "there is one task left");
    for (unsigned i = 1; i <= 6; i++) { /* more than it has connections */
        connect_client(1);
        check(await_last(1) <= 0);
        ck_assert_uint_eq(server.acceptor.dropped, i);
    }
    await_echo(0, "and the first goes on");
    close(clients[0]);
    while (server.alive > 0)
        await_iterations(1);
    connect_client(2);
    await_echo(2, "there is one again");
    close(clients[2]);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

TEST(without_a_task_for_it_a_connection_is_closed)
{
    struct loop_options options = {.tasks_max = 3}; /* two, and the test's */

    check_ring(loop_init(&loop, &options));
    check_res(loop_run(&loop, run_out_of_tasks, NULL), 0);
    loop_finish(&loop);
}

static int be_refused(void *arg)
{
    const struct deny deny = {.reg = EPERM};
    struct server_options options = {.limits = &limits, .name = "connection",
                                     .serve = serve_echo};
    int fds = fds_open();

    (void)arg;
    limits = (struct limits)LIMITS_DEFAULT;
    options.state_len = (size_t)1 << 50;
    check_res(server_init(&server, &options), -ENOMEM);
    options.state_len = 0;
    check_res(deny_install(&deny), 0);
    check_res(server_init(&server, &options), -EPERM);
    ck_assert_int_eq(fds_open(), fds);
    return 0;
}

TEST(without_memory_or_permission_there_is_no_server)
{
    check_res(run(be_refused, NULL), 0);
}

static void leave_fds(int count)
{
    struct rlimit limit;
    int end = 0;

    for (int left = count; left > 0; end++)
        left -= fcntl(end, F_GETFD) < 0;
    ck_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = (rlim_t)end;
    ck_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* Three clients, and an fd for one of them at a time. */
static int run_out_of_fds(void *arg)
{
    (void)arg;
    start_server(serve_echo);
    for (int i = 0; i < 3; i++)
        connect_client(i);
    leave_fds(1);
    for (int i = 0; i < 3; i++) {
        await_echo(i, "at last");
        while (i < 2 && !timer_is_armed(&server.acceptor.retry))
            await_iterations(1); /* until the next one was refused an fd */
        shutdown(clients[i], SHUT_WR);
        while (server.closed <= (uint64_t)i)
            await_iterations(1);
        /* The fd has come free: nobody waits for a time to pass. */
        await_iterations(5);
        ck_assert_uint_eq(server.accepted, i < 2 ? i + 2 : 3);
    }
    leave_fds(10);
    for (int i = 0; i < 3; i++)
        close(clients[i]);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

TEST(an_fd_that_comes_free_is_the_next_ones_at_once)
{
    check_res(run(run_out_of_fds, NULL), 0);
}

static int stop_without_fds(void *arg)
{
    (void)arg;
    leave_fds(4); /* the listener, the client, and nothing else */
    start_server(serve_echo);
    connect_client(0);
    leave_fds(0);
    while (!timer_is_armed(&server.acceptor.retry))
        await_iterations(1);
    server_stop(&server);
    check_res(await_server_end(), 0);
    leave_fds(4);
    check(await_last(0) <= 0);
    return 0;
}

TEST(a_server_that_accepts_nothing_can_be_stopped)
{
    check_res(run(stop_without_fds, NULL), 0);
}

static int lose_listener(void *arg)
{
    (void)arg;
    start_server(serve_echo);
    connect_client(0);
    await_echo(0, "hello");
    shutdown(listener, SHUT_RDWR);
    check_res(await_last(0), 0); /* idle: ended with the server */
    check_res(await_server_end(), -EINVAL);
    return 0;
}

TEST(a_server_whose_listener_is_gone_ends_and_says_why)
{
    check_res(run(lose_listener, NULL), 0);
}

/* --- the end ------------------------------------------------------------- */

static int stop_before_it_starts(void *arg)
{
    (void)arg;
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

TEST(a_server_that_is_stopped_before_it_starts_serves_nobody)
{
    check_res(run(stop_before_it_starts, NULL), 0);
}

static int stop_idle(void *arg)
{
    uint64_t began;

    (void)arg;
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

TEST(idle_connections_end_at_once)
{
    check_res(run(stop_idle, NULL), 0);
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

static int finish_work(void *arg)
{
    (void)arg;
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

TEST(a_busy_connection_finishes_what_it_does)
{
    check_res(run(finish_work, NULL), 0);
}

static int cut_work(void *arg)
{
    uint64_t began;

    (void)arg;
    start_work(50);
    began = loop_now_ns();
    server_stop(&server);
    check_res(await_last(0), -ECONNRESET);
    check_res(await_server_end(), 0);
    check_res(work_result, -ECANCELED);
    check(loop_now_ns() - began >= 50 * MS);
    return 0;
}

TEST(after_drain_ms_a_busy_connection_is_cut_off)
{
    check_res(run(cut_work, NULL), 0);
}

static int hurry(void *arg)
{
    (void)arg;
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

TEST(told_twice_to_stop_a_server_does_not_wait)
{
    check_res(run(hurry, NULL), 0);
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

static int become_idle(void *arg)
{
    (void)arg;
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

TEST(a_connection_that_becomes_idle_while_it_stops_ends_there)
{
    check_res(run(become_idle, NULL), 0);
}

static void serve_stop(struct conn *conn)
{
    struct chunk chunk;

    server_stop(conn->server);
    check_res(stream_await_chunk(&conn->in, &chunk), -ECANCELED);
}

static int stop_from_inside(void *arg)
{
    (void)arg;
    start_server(serve_stop);
    connect_client(0);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    return 0;
}

TEST(a_connection_may_stop_the_server)
{
    check_res(run(stop_from_inside, NULL), 0);
}

static int cancel_server(void *arg)
{
    (void)arg;
    start_server(serve_echo);
    connect_client(0);
    await_echo(0, "hello");
    task_cancel(&server_task);
    check_res(await_last(0), 0);
    check_res(await_server_end(), 0);
    return 0;
}

TEST(a_server_whose_task_is_cancelled_ends_its_connections_too)
{
    check_res(run(cancel_server, NULL), 0);
}

/* --- descriptors, again and again ---------------------------------------- */

/* fds are used again and again, while connections end in every way: with data
 * unread, with a reset, with an echo under way. Each gets its own bytes. */
static int reconnect(void *arg)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    char text[32];

    (void)arg;
    start_server(serve_echo);
    for (int i = 0; i < 500; i++) {
        connect_client(0);
        snprintf(text, sizeof text, "connection number %d", i);
        if (i % 4 != 0)
            await_echo(0, text);
        if (i % 3 == 0)
            check_res(await_send_all(clients[0], text, strlen(text)), 0);
        if (i % 5 == 0)
            setsockopt(clients[0], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(clients[0]);
    }
    while (server.closed < server.accepted || server.acceptor.count > 0)
        await_iterations(1);
    server_stop(&server);
    check_res(await_server_end(), 0);
    ck_assert_uint_eq(loop.stale_cqes, 0);
    return 0;
}

TEST(reused_descriptors_never_mix_two_connections_bytes)
{
    check_res(run(reconnect, NULL), 0);
}

static void listen_at_path(void)
{
    struct sockaddr_un *to = (struct sockaddr_un *)&address;

    memset(&address, 0, sizeof address);
    to->sun_family = AF_UNIX;
    snprintf(to->sun_path, sizeof to->sun_path, "/tmp/one-ring.%d.server",
             (int)getpid());
    address_len = sizeof *to;
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(bind(listener, (struct sockaddr *)&address, address_len) == 0);
    ck_assert(listen(listener, 64) == 0);
}

/* The data and the end come together. Some kernels' multishot brings the data
 * and then waits for ever, so none is used; this kernel may be a better one. */
static int end_at_once(void *arg)
{
    char back[8];

    (void)arg;
    limits = (struct limits)LIMITS_DEFAULT;
    listen_at_path();
    init_server(serve_echo, 0);
    check_res(task_spawn(&server_task, "server", run_server, NULL), 0);
    for (int i = 0; i < 50; i++) {
        connect_client(0);
        ck_assert(send(clients[0], "hello", 5, 0) == 5);
        shutdown(clients[0], SHUT_WR);
        check_res(await_recv(clients[0], back, sizeof back, MSG_WAITALL), 5);
        check_res(await_last(0), 0);
    }
    ck_assert_int_eq(server.bufring.receive, BUFRING_SINGLE);
    server_stop(&server);
    check_res(await_server_end(), 0);
    unlink(((struct sockaddr_un *)&address)->sun_path);
    return 0;
}

TEST(on_a_unix_socket_the_end_is_not_missed)
{
    check_res(run(end_at_once, NULL), 0);
}

TEST(a_zeroed_server_can_be_finished)
{
    memset(&server, 0, sizeof server);
    server_finish(&server);
    check(server.conns == NULL);
}

int main(void)
{
    suite_begin("server");
    suite_add(each_connection_is_served_by_a_task_of_its_own_and_closed);
    suite_add(each_connection_has_memory_of_its_own);
    suite_add(clients_beyond_conns_max_wait_until_others_leave);
    suite_add(a_connection_that_aborts_is_reset_and_another_ends);
    suite_add(what_a_connection_left_unread_goes_back_to_the_pool);
    suite_add(without_a_task_for_it_a_connection_is_closed);
    suite_add(without_memory_or_permission_there_is_no_server);
    suite_add(an_fd_that_comes_free_is_the_next_ones_at_once);
    suite_add(a_server_that_accepts_nothing_can_be_stopped);
    suite_add(a_server_whose_listener_is_gone_ends_and_says_why);
    suite_add(a_server_that_is_stopped_before_it_starts_serves_nobody);
    suite_add(idle_connections_end_at_once);
    suite_add(a_busy_connection_finishes_what_it_does);
    suite_add(after_drain_ms_a_busy_connection_is_cut_off);
    suite_add(told_twice_to_stop_a_server_does_not_wait);
    suite_add(a_connection_that_becomes_idle_while_it_stops_ends_there);
    suite_add(a_connection_may_stop_the_server);
    suite_add(a_server_whose_task_is_cancelled_ends_its_connections_too);
    suite_add(reused_descriptors_never_mix_two_connections_bytes);
    suite_add(on_a_unix_socket_the_end_is_not_missed);
    suite_add(a_zeroed_server_can_be_finished);
    return suite_end();
}
