/* echo.c: returns to every client what it sent.
 *
 * What it teaches: a network server on completions. There is no readiness, no
 * O_NONBLOCK and no state machine: a connection is a function that receives,
 * sends, and ends. What it receives lies in a buffer of the shared pool, and is
 * sent from there: no byte is copied in this program.
 *
 * Read serve() first: it is the whole server. It is built on lib/net/server.h
 * and lib/net/stream.h. */
#include <stdio.h>

#include "await.h"
#include "server_command.h"

#define NS_PER_MS UINT64_C(1000000)

/* One connection, from its first byte to its last. Each wait gets a new
 * deadline. While the peer does not read, await_send_all() does not return, so
 * this task receives nothing more. Then the peer's send window closes, too. */
static void echo_serve(struct conn *conn) /* task body */
{
    const struct limits *limits = conn->server->options.limits;
    struct chunk chunk;
    int rc;

    for (;;) {
        conn_set_idle(conn, !stream_has_chunk(&conn->in));
        deadline_set_ns(limits->idle_ms * NS_PER_MS);
        if (stream_await_chunk(&conn->in, &chunk) <= 0)
            break;
        conn_set_idle(conn, false);
        deadline_set_ns(limits->send_ms * NS_PER_MS);
        rc = await_send_all(conn->fd, chunk.data, chunk.len);
        stream_release(&conn->in, &chunk);
        if (rc < 0) {
            conn->aborts = true; /* it must not take half an echo for all */
            break;
        }
    }
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
    "  --help, --version\n\n"
    "SIGUSR1 prints counters; a second SIGTERM does not wait for anybody.\n";

static struct server_command server = SERVER_COMMAND_DEFAULT(7878);
static const struct command_option options[] = {
    SERVER_COMMAND_OPTIONS(server),
    {0},
};

int main(int argc, char **argv)
{
    struct service_options service = {
        .name = "echo connection",
        .serve = echo_serve,
        .on_listening = echo_print_listening,
    };
    struct command command = {
        .name = "echo",
        .help = help,
        .options = options,
    };
    int code = server_command_read(&server, &service, &command, argc, argv);

    if (code == COMMAND_GO_ON)
        code = service_main(&service, "echo");
    return command_finish(&command, code);
}
