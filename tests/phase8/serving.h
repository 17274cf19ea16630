/* serving.h: a server and its clients, which are tasks of one loop.
 *
 * Test support of phase 8. Needs: with_loop.h, server.h. */
#ifndef TESTS_PHASE8_SERVING_H
#define TESTS_PHASE8_SERVING_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "server.h"
#include "with_loop.h"

#define CLIENTS_MAX 16

static struct server server;
static struct limits limits;
static struct sockaddr_storage address;
static socklen_t address_len;
static int listener;
static struct task server_task;
static int clients[CLIENTS_MAX];

static inline int run_server(void *arg) /* task body */
{
    (void)arg;
    return server_await_end(&server, listener);
}

static inline void listen_at_tcp(void)
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

static inline void init_server(void (*serve)(struct conn *conn),
                               size_t state_len)
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
static inline void start_server(void (*serve)(struct conn *conn))
{
    limits = (struct limits)LIMITS_DEFAULT;
    limits.conns_max = 4;
    limits.bufs = 16;
    listen_at_tcp();
    init_server(serve, 0);
    memset(&server_task, 0, sizeof server_task);
    check_res(task_spawn(&server_task, "server", run_server, NULL), 0);
}

static inline int await_server_end(void)
{
    int rc = task_join(&server_task);

    ck_assert_uint_eq(server.alive, 0);
    ck_assert_uint_eq(server.accepted, server.closed);
    ck_assert_uint_eq(bufring_free_count(&server.bufring),
                      server.bufring.count);
    server_finish(&server);
    return rc;
}

static inline void connect_client(int i)
{
    clients[i] = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_msg(connect(clients[i], (struct sockaddr *)&address,
                          address_len) == 0,
                  "connect: %s", strerror(errno));
}

static inline void await_iterations(int count)
{
    for (int i = 0; i < count; i++)
        check_res(await_sleep_ns(1), 0);
}

/* Sends text and waits until it has come back. */
static inline void await_echo(int i, const char *text)
{
    char back[64];
    int len = (int)strlen(text);

    check_res(await_send_all(clients[i], text, strlen(text)), 0);
    check_res(await_recv(clients[i], back, sizeof back, 0), len);
    ck_assert_mem_eq(back, text, strlen(text));
}

/* Waits for what the server sends last: 0 is its end. */
static inline int await_last(int i)
{
    char byte;
    int got = await_recv(clients[i], &byte, 1, 0);

    close(clients[i]);
    return got;
}

static inline void serve_echo(struct conn *conn)
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

/* Such a connection is never idle, like those of phase 8's echo. */
static inline void serve_stream(struct conn *conn)
{
    struct chunk chunk;

    conn_set_idle(conn, false);
    while (stream_await_chunk(&conn->in, &chunk) > 0) {
        conn->aborts |= await_send_all(conn->fd, chunk.data, chunk.len) < 0;
        stream_release(&conn->in, &chunk);
    }
}

#endif
