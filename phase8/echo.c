/* echo.c: returns to every client what it sent.
 *
 * What it teaches: a network server on completions. There is no readiness, no
 * O_NONBLOCK and no state machine: a connection is a function that receives,
 * sends, and ends. It sends each chunk from the buffer of the shared pool into
 * which the kernel received it. Only a peer that does not read costs a copy:
 * its bytes move to memory of the connection, so that it holds no buffer of the
 * pool.
 *
 * Read echo_serve() first: it is the whole server. It is built on
 * lib/net/server.h and lib/net/stream.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "echo_udp.h"
#include "server_command.h"
#include "trace_command.h"

#define NS_PER_MS UINT64_C(1000000)
#define KEPT_MAX ((LIMIT_CREDIT + 1) * LIMIT_BUF_LEN)

/* Moves a chunk, without the part that was sent, and the chunks that are queued
 * behind it to the connection's memory. Releases their buffers. Returns how
 * many bytes were moved. */
static size_t echo_keep(struct conn *conn, struct chunk *chunk, size_t sent)
{
    char *kept = conn->state;
    size_t len = chunk->len - sent;

    memcpy(kept, chunk->data + sent, len);
    stream_release(&conn->in, chunk);
    while (stream_has_chunk(&conn->in) && len + LIMIT_BUF_LEN <= KEPT_MAX) {
        stream_take_chunk(&conn->in, chunk);
        memcpy(kept + len, chunk->data, chunk->len);
        len += chunk->len;
        stream_release(&conn->in, chunk);
    }
    return len;
}

/* Returns a chunk to its peer, and releases it. Each send gets a new deadline.
 * While the peer does not read, this does not return, so the task receives
 * nothing more. Then the peer's send window closes, too. */
static int echo_await_return(struct conn *conn, struct chunk *chunk)
{
    uint64_t send_ns = conn->server->options.limits->send_ms * NS_PER_MS;
    const char *next = conn->state;
    size_t len;
    int sent;

    deadline_set_ns(send_ns);
    sent = await_send(conn->fd, chunk->data, chunk->len, MSG_DONTWAIT);
    if (sent == (int)chunk->len || (sent < 0 && sent != -EAGAIN)) {
        stream_release(&conn->in, chunk);
        return sent;
    }
    stream_await_pause(&conn->in); /* no more buffers for this peer */
    len = echo_keep(conn, chunk, sent > 0 ? (size_t)sent : 0);
    for (; len > 0; next += sent, len -= (size_t)sent) {
        deadline_set_ns(send_ns);
        sent = await_send(conn->fd, next, len, 0);
        if (sent <= 0)
            return sent < 0 ? sent : -EIO;
    }
    return 0;
}

/* One connection, from its first byte to its last. */
static void echo_serve(struct conn *conn) /* task body */
{
    const struct limits *limits = conn->server->options.limits;
    struct chunk chunk;

    conn_set_idle(conn, false); /* an echo has no end but its peer's */
    for (;;) {
        deadline_set_ns(limits->idle_ms * NS_PER_MS);
        if (stream_await_chunk(&conn->in, &chunk) <= 0)
            break;
        if (echo_await_return(conn, &chunk) < 0) {
            conn->aborts = true; /* a part must not look like the echo */
            break;
        }
    }
    /* Bytes may have arrived just after the deadline. They get no echo. */
    stream_await_pause(&conn->in);
    if (stream_has_chunk(&conn->in))
        conn->aborts = true;
}

/* The first line on stdout: scripts wait for it, and read the port from it. */
static void echo_print_listening(const struct net_address *address)
{
    const char *scheme = address->storage.ss_family == AF_UNIX ? "" : "tcp://";
    char text[NET_TEXT_MAX];

    net_format(address, text);
    printf("listening on %s%s\n", scheme, text);
    fflush(stdout);
}

static const char help[] =
    "[options]\n"
    "Returns to every client what it sent, until SIGTERM.\n\n"
    SERVER_COMMAND_HELP("7878")
    "  --udp            datagrams, each returned to its sender\n"
    TRACE_COMMAND_HELP
    "  --help, --version\n\n"
    "After SIGTERM, connections are served until their peers end them, for\n"
    "at most --drain-ms. A second SIGTERM does not wait. SIGUSR1 prints\n"
    "counters.\n";

static struct server_command server = SERVER_COMMAND_DEFAULT(7878);
static struct trace_command trace = TRACE_COMMAND_DEFAULT;
static bool is_udp;
static const struct command_option options[] = {
    SERVER_COMMAND_OPTIONS(server),
    TRACE_COMMAND_OPTIONS(trace),
    {.name = "udp", .flag = &is_udp},
    {0},
};

int main(int argc, char **argv)
{
    struct service_options service = {
        .name = "echo connection",
        .serve = echo_serve,
        .state_len = KEPT_MAX,
        .on_listening = echo_print_listening,
    };
    struct command command = {
        .name = "echo",
        .help = help,
        .options = options,
    };
    int code = server_command_read(&server, &service, &command, argc, argv);

    if (code == COMMAND_GO_ON && is_udp &&
        service.address.storage.ss_family == AF_UNIX)
        code = command_misuse(&command, "--udp needs an IP address");
    if (code == COMMAND_GO_ON)
        code = trace_command_start(&trace, &command);
    if (code != COMMAND_GO_ON)
        return code;
    code = is_udp ? echo_udp_main(&service) : service_main(&service, "echo");
    code = trace_command_finish(&trace, &command, code);
    return command_finish(&command, code);
}
