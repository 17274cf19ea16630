/* server.c: connections as tasks: their number, their memory, what happens when
 * the system refuses something, and descriptors that are used again. */
#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "await.h"
#include "deny.h"
#include "fds.h"
#include "serving.h"

/* --- what a connection may do -------------------------------------------- */

TASK_TEST(each_connection_is_served_by_a_separate_task_and_closed)
{
    int fds = fds_open();
    char text[64];

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

TASK_TEST(each_connection_has_separate_memory)
{
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

TASK_TEST(clients_beyond_conns_max_wait_until_others_leave)
{
    start_server(serve_stream);
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
    ck_assert_uint_eq(server.evicted, 0);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

/* Clients of an HTTP server keep connections that have nothing to do. */
TASK_TEST(the_connection_that_is_idle_longest_makes_room)
{
    start_server(serve_echo);
    for (int i = 0; i < 4; i++) {
        connect_client(i);
        await_echo(i, "hello");
    }
    await_echo(0, "1 is idle longest now");
    await_iterations(3);
    connect_client(4);
    await_echo(4, "there is a place");
    check_res(await_last(1), 0);
    connect_client(5);
    await_echo(5, "there is another");
    check_res(await_last(2), 0);
    await_echo(0, "still there");
    await_echo(3, "still there");
    ck_assert_uint_eq(server.evicted, 2);
    for (int i = 0; i < 6; i++)
        if (i != 1 && i != 2)
            close(clients[i]);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

static unsigned closes, fds_kept;

static void look_for_closes(const struct ring *ring,
                            const struct io_uring_sqe *sqe,
                            const struct io_uring_cqe *cqe)
{
    (void)ring, (void)cqe;
    if (sqe == NULL || sqe->opcode != IORING_OP_CLOSE)
        return;
    closes++;
    for (unsigned i = 0; i < server.fresh; i++)
        fds_kept += server.conns[i].is_alive && server.conns[i].fd == sqe->fd;
}

/* Before the task of a closed connection runs again, another client may have
 * its descriptor. A shutdown of the old connection must not reach that one. */
TASK_TEST(a_connection_forgets_its_descriptor_before_the_close)
{
    start_server(serve_echo);
    ring_hook = look_for_closes;
    for (int i = 0; i < 4; i++) {
        connect_client(i);
        await_echo(i, "hello");
        close(clients[i]);
    }
    while (server.closed < 4)
        await_iterations(1);
    ring_hook = NULL;
    ck_assert_uint_eq(closes, 4);
    ck_assert_uint_eq(fds_kept, 0);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

static struct future work;

static void serve_with_work(struct conn *conn)
{
    conn_set_idle(conn, false);
    check_res(future_wait(&work), 0);
    serve_echo(conn);
}

TASK_TEST(a_busy_connection_makes_no_room_until_it_is_idle)
{
    start_server(serve_with_work);
    for (int i = 0; i < 5; i++)
        connect_client(i);
    while (server.alive < 4)
        await_iterations(1);
    await_iterations(20);
    ck_assert_uint_eq(server.evicted, 0);
    ck_assert_uint_eq(server.accepted, 4);
    future_complete(&work, 0);
    await_echo(4, "one is idle now");
    ck_assert_uint_eq(server.evicted, 1);
    for (int i = 0; i < 5; i++)
        close(clients[i]);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

/* The request and the new client arrive at the same time. */
TASK_TEST(a_request_that_arrived_is_served_before_its_connection_makes_room)
{
    char back[8];

    start_server(serve_echo);
    for (int i = 0; i < 4; i++) {
        connect_client(i);
        await_echo(i, "hello");
    }
    await_iterations(3);
    ck_assert(send(clients[0], "wait", 4, 0) == 4);
    connect_client(4);
    await_echo(4, "there is a place");
    check_res(await_recv(clients[0], back, sizeof back, 0), 4);
    for (int i = 0; i < 5; i++)
        close(clients[i]);
    server_stop(&server);
    check_res(await_server_end(), 0);
    return 0;
}

static void serve_and_abort(struct conn *conn)
{
    struct chunk chunk;

    if (stream_await_chunk(&conn->in, &chunk) > 0) {
        conn->aborts = chunk.data[0] == 'a';
        stream_release(&conn->in, &chunk);
    }
}

TASK_TEST(a_connection_that_aborts_is_reset_and_another_ends)
{
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

/* Serves nothing, and leaves what has arrived where it is. */
static void serve_nothing(struct conn *conn)
{
    struct chunk chunk;

    if (stream_await_chunk(&conn->in, &chunk) > 0)
        stream_release(&conn->in, &chunk);
}

TASK_TEST(unread_buffers_of_a_connection_go_back_to_the_pool)
{
    static const char bytes[40000];

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

/* --- refusals ------------------------------------------------------------ */

TASK_TEST_WITH(without_a_task_for_it_a_connection_is_closed, .tasks_max = 3)
{
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

TASK_TEST(without_memory_or_permission_there_is_no_server)
{
    const struct deny deny = {.reg = EPERM};
    struct server_options options = {.limits = &limits, .name = "connection",
                                     .serve = serve_echo};
    int fds = fds_open();

    limits = (struct limits)LIMITS_DEFAULT;
    limits.conns_max = 1024;
    options.state_len = (size_t)1 << 50;
    check_res(server_init(&server, &options), -ENOMEM);
    options.state_len = 0;
    check_res(deny_install(&deny), 0);
    check_res(server_init(&server, &options), -EPERM);
    ck_assert_int_eq(fds_open(), fds);
    return 0;
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
TASK_TEST(a_freed_fd_serves_the_next_connection_at_once)
{
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

TASK_TEST(a_server_that_accepts_nothing_can_be_stopped)
{
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

TASK_TEST(a_server_whose_listener_is_gone_ends_with_the_error)
{
    start_server(serve_echo);
    connect_client(0);
    await_echo(0, "hello");
    shutdown(listener, SHUT_RDWR);
    check_res(await_last(0), 0); /* idle: ended with the server */
    check_res(await_server_end(), -EINVAL);
    return 0;
}

/* --- descriptors, again and again ---------------------------------------- */

/* fds are used again and again, while connections end in every way: with data
 * unread, with a reset, with an echo under way. Each gets its own bytes. */
TASK_TEST(reused_descriptors_never_mix_two_connections_bytes)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    char text[32];

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

/* The data and the end come together. On some kernels a multishot returns the
 * data and then waits forever, so the server uses none. This kernel may not
 * have that bug. */
TASK_TEST(on_a_unix_socket_the_end_is_not_missed)
{
    char back[8];

    limits = (struct limits)LIMITS_DEFAULT;
    limits.conns_max = 4;
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

TEST(a_zeroed_server_can_be_finished)
{
    memset(&server, 0, sizeof server);
    server_finish(&server);
    check(server.conns == NULL);
}

int main(void)
{
    suite_begin("server");
    suite_add(each_connection_is_served_by_a_separate_task_and_closed);
    suite_add(each_connection_has_separate_memory);
    suite_add(clients_beyond_conns_max_wait_until_others_leave);
    suite_add(the_connection_that_is_idle_longest_makes_room);
    suite_add(a_connection_forgets_its_descriptor_before_the_close);
    suite_add(a_busy_connection_makes_no_room_until_it_is_idle);
    suite_add(
        a_request_that_arrived_is_served_before_its_connection_makes_room);
    suite_add(a_connection_that_aborts_is_reset_and_another_ends);
    suite_add(unread_buffers_of_a_connection_go_back_to_the_pool);
    suite_add(without_a_task_for_it_a_connection_is_closed);
    suite_add(without_memory_or_permission_there_is_no_server);
    suite_add(a_freed_fd_serves_the_next_connection_at_once);
    suite_add(a_server_that_accepts_nothing_can_be_stopped);
    suite_add(a_server_whose_listener_is_gone_ends_with_the_error);
    suite_add(reused_descriptors_never_mix_two_connections_bytes);
    suite_add(on_a_unix_socket_the_end_is_not_missed);
    suite_add(a_zeroed_server_can_be_finished);
    return suite_end();
}
