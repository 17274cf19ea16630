/* relay.c: passes the bytes of each client on to a server, and back.
 *
 * What it teaches: a connection has two directions, and each of them ends
 * separately. When one side ends its input, the relay ends the input of the
 * other side, and still passes bytes in the other direction. A failure ends
 * both directions: if one side resets its connection, the relay resets the
 * other one, too. Otherwise the other side would mistake a part of the data for
 * all of it.
 *
 *     client --- from ---> [ pipe ] ---> to --- server      a task
 *            <--- to ----- [ pipe ] <- from ---             another task
 *
 * Read relay_serve() first. relay_way.c moves the bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "await.h"
#include "connect.h"
#include "err.h"
#include "group.h"
#include "relay.h"
#include "server_command.h"
#include "sys.h"

#define NS_PER_MS UINT64_C(1000000)
#define CONNECT_NS (5000 * NS_PER_MS)
#define TASKS_MORE 2 /* per connection: the way back, and a connect */

static struct server_command server = SERVER_COMMAND_DEFAULT(7879);
static bool copies, uses_pipe2;
static char host[256];
static unsigned port;
static struct addresses targets[LIMIT_THREADS_MAX]; /* of each ring */

struct relay {
    struct conn *conn; /* borrowed */
    int fd;            /* owned: to the server */
    struct relay_way forth, back;
    struct group group;
    struct group_task task; /* moves the bytes back */
    uint64_t active_ns;
    int failure; /* the first -errno of either way */
};

static int relay_await_way(struct relay *relay, struct relay_way *way)
{
    int rc = copies ? relay_await_copy(way) : relay_await_splice(way);

    if (rc < 0 && relay->failure == 0)
        relay->failure = rc;
    return rc;
}

static int relay_back(void *arg) /* task body */
{
    struct relay *relay = arg;

    if (relay_await_way(relay, &relay->back) < 0)
        task_cancel(&relay->conn->task);
    return 0;
}

/* Makes what one way needs. Returns 0 or -errno. */
static int relay_await_open_way(struct relay *relay, struct relay_way *way,
                                int from, int to, char *buf)
{
    const struct limits *limits = relay->conn->server->options.limits;

    *way = (struct relay_way){
        .from = from,
        .to = to,
        .pipe = {-1, -1},
        .buf = buf,
        .send_ns = limits->send_ms * NS_PER_MS,
        .idle_ns = limits->idle_ms * NS_PER_MS,
        .active_ns = &relay->active_ns,
    };
    if (copies)
        return 0;
    (void)fcntl(from, F_SETFL, O_RDWR | O_NONBLOCK); /* see relay_way.c */
    return relay_await_pipe(way->pipe, !uses_pipe2);
}

static void relay_await_close_way(struct relay_way *way)
{
    for (int i = 0; i < 2; i++)
        if (way->pipe[i] >= 0)
            await_close(way->pipe[i]);
}

/* Moves bytes both ways until both have ended, or one has failed. */
static void relay_await_both(struct relay *relay)
{
    int client = relay->conn->fd;
    char *bufs = relay->conn->state;
    int rc = relay_await_open_way(relay, &relay->forth, client, relay->fd,
                                  bufs);

    relay->back.pipe[0] = relay->back.pipe[1] = -1;
    if (rc == 0)
        rc = relay_await_open_way(relay, &relay->back, relay->fd, client,
                                  bufs + RELAY_LEN);
    if (rc == 0)
        rc = group_spawn(&relay->group, &relay->task, "relay back", relay_back,
                         relay);
    if (rc == 0)
        rc = relay_await_way(relay, &relay->forth);
    if (rc < 0) {
        relay->failure = relay->failure < 0 ? relay->failure : rc;
        group_cancel(&relay->group);
    }
    deadline_clear();
    while (relay->group.count > 0) {
        /* The way back cancels this task if it fails. */
        if (group_await_all(&relay->group) < 0 && relay->failure == 0)
            relay->failure = -ECANCELED;
    }
    relay_await_close_way(&relay->forth);
    relay_await_close_way(&relay->back);
}

/* One client, from its first byte to its last. */
static void relay_serve(struct conn *conn) /* task body */
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct relay relay = {.conn = conn, .active_ns = loop_now_ns()};

    conn_set_idle(conn, false); /* only its two peers know when it ends */
    deadline_set_ns(CONNECT_NS);
    relay.fd = connect_await_first(conn->server->context);
    deadline_clear();
    if (relay.fd < 0) {
        conn->aborts = true; /* as if the server itself refused the client */
        return;
    }
    relay_await_both(&relay);
    if (relay.failure < 0) {
        conn->aborts = true;
        (void)sys_set_linger(relay.fd, &reset);
    }
    await_close(relay.fd);
}

/* Looks the server up once per ring, before the first client. */
static int relay_await_target(void **context, unsigned ring,
                              const struct limits *limits)
{
    struct addresses *target = &targets[ring];
    struct threadpool pool = {0};
    int rc = resolve_await_host(NULL, host, port, target);

    (void)limits;
    *context = target;
    if (rc != -EINVAL)
        return rc;
    rc = threadpool_init(&pool, 1);
    if (rc < 0)
        return rc;
    rc = resolve_await_host(&pool, host, port, target);
    threadpool_await_finish(&pool);
    return rc;
}

/* Splits "HOST:PORT", "[::1]:PORT" or "unix:PATH". Returns false if the text
 * has none of these forms. */
static bool read_target(const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t number = 0;

    if (strncmp(text, "unix:", 5) == 0)
        colon = text + strlen(text);
    else if (colon == NULL || !command_number(colon + 1, 1, 65535, &number))
        return false;
    if (colon == text || (size_t)(colon - text) >= sizeof host)
        return false;
    memcpy(host, text, (size_t)(colon - text));
    port = (unsigned)number;
    return true;
}

static void relay_print_listening(const struct net_address *address)
{
    const char *scheme = address->storage.ss_family == AF_UNIX ? "" : "tcp://";
    char text[NET_TEXT_MAX];

    net_format(address, text);
    printf("listening on %s%s\n", scheme, text);
    fflush(stdout);
}

static const char help[] =
    "[options] HOST:PORT\n"
    "Passes the bytes of each client on to a server, and back, by splice.\n"
    "HOST may be a name; unix:PATH is a Unix socket.\n\n"
    SERVER_COMMAND_HELP("7879")
    "  --copy           copy the bytes through the memory of the program\n"
    "  --pipe2          make the pipes by pipe2(2), not by the ring\n"
    "  --help, --version\n\n"
    "After SIGTERM, connections are served until their peers end them, for\n"
    "at most --drain-ms. A second SIGTERM does not wait.\n";

static const struct command_option options[] = {
    SERVER_COMMAND_OPTIONS(server),
    {.name = "copy", .flag = &copies},
    {.name = "pipe2", .flag = &uses_pipe2},
    {0},
};

int main(int argc, char **argv)
{
    struct service_options service = {
        .name = "relay connection",
        .serve = relay_serve,
        .tasks_more = TASKS_MORE,
        .on_listening = relay_print_listening,
        .await_open = relay_await_target,
    };
    struct command command = {
        .name = "relay",
        .help = help,
        .options = options,
        .operands_min = 1,
        .operands_max = 1,
    };
    int code = server_command_read(&server, &service, &command, argc, argv);

    if (code != COMMAND_GO_ON)
        return code;
    if (!read_target(command.operands[0]))
        return command_misuse(&command, "%.200s: it takes HOST:PORT or "
                              "unix:PATH", command.operands[0]);
    if (copies)
        service.state_len = 2 * RELAY_LEN;
    return command_finish(&command, service_main(&service, "relay"));
}
