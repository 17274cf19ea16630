/* echo-client.c: many connections, each sending and checking what comes back.
 *
 * What it teaches: two operations of one task at a time. While the server sends
 * the echo back, the rest of the message may still be on its way there; a
 * client that first sends all and then receives waits for a server that waits
 * for it. So a send is started, and receives are made in the meantime.
 *
 * The bytes are taken from a table without a pattern that a mistake could hide
 * in, from another offset for each connection and message: an echo of somebody
 * else's bytes, or of older ones, is noticed.
 *
 * Read client_await_exchange() first. It measures as a client does that waits
 * for its answer before it asks again: the slower the server, the less it is
 * asked. */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "await.h"
#include "command.h"
#include "err.h"
#include "group.h"
#include "histogram.h"
#include "load_options.h"
#include "operation.h"
#include "sys.h"

#define CHUNK_LEN 65536u
#define PATIENCE_NS UINT64_C(10000000000) /* for one message */
#define NS_PER_S UINT64_C(1000000000)
#define PERIOD 65521u /* of the table; prime: no size divides it */

struct client {
    struct group_task task;
    int fd;               /* owned */
    unsigned from;        /* where the next message begins in the table */
    uint64_t sent;        /* bytes that came back */
    char chunk[CHUNK_LEN]; /* what was received last */
};

static struct load_options options = {
    .host = "127.0.0.1", .port = 7878, .conns = 1, .size = 64, .seconds = 2,
};
static unsigned char table[PERIOD + LOAD_SIZE_MAX];
static struct client *clients; /* owned: options.conns of them */
static struct histogram latency;
static uint64_t end_ns;

/* Says which byte is wrong. */
static int complain(const struct client *client, const char *is, size_t at,
                    const unsigned char *wanted)
{
    size_t i = 0;

    while ((unsigned char)is[i] == wanted[i])
        i++;
    fprintf(stderr, "echo-client: connection %u: byte %" PRIu64
                    " came back as 0x%02x, not 0x%02x\n",
            (unsigned)(client - clients), client->sent + at + i,
            (unsigned char)is[i], wanted[i]);
    return -EBADMSG;
}

/* Receives a message in chunks, and compares. Returns 0; -EPIPE if the
 * connection ends before; -EBADMSG for a wrong byte; or another -errno. */
static int client_await_echo(struct client *client, const unsigned char *wanted)
{
    size_t have = 0;

    while (have < options.size) {
        size_t len = options.size - have;
        int got = await_recv(client->fd, client->chunk,
                             len < CHUNK_LEN ? len : CHUNK_LEN, 0);

        if (got <= 0)
            return got < 0 ? got : -EPIPE;
        if (memcmp(client->chunk, wanted + have, (size_t)got) != 0)
            return complain(client, client->chunk, have, wanted + have);
        have += (size_t)got;
    }
    return 0;
}

/* One message there and back. The send is in flight while client_await_echo
 * receives: it has to be waited for also if that fails, since it lives in this
 * frame. */
static int client_await_exchange(struct client *client)
{
    const unsigned char *message = table + client->from;
    struct await send;
    struct io_uring_sqe *sqe = await_start(&send);
    int rc, sent;

    io_uring_prep_send(sqe, client->fd, message, options.size,
                       MSG_WAITALL | MSG_NOSIGNAL);
    rc = client_await_echo(client, message);
    if (rc < 0)
        cancel_await(&send);
    sent = await_result(&send);
    if (rc == 0 && sent != (int)options.size)
        rc = sent < 0 ? sent : -EPIPE;
    client->sent += options.size;
    client->from = (client->from + options.size) % PERIOD;
    return rc;
}

/* Message after message. Returns 0 or -errno, which ends the others, too. */
static int client_run(void *arg) /* task body */
{
    struct client *client = arg;
    int rc = 0;

    while (rc == 0 && loop_now_ns() < end_ns &&
           (options.bytes == 0 || client->sent < options.bytes)) {
        uint64_t began_ns = loop_now_ns();

        deadline_set_ns(PATIENCE_NS);
        rc = client_await_exchange(client);
        if (rc == 0)
            histogram_add(&latency, loop_now_ns() - began_ns);
    }
    deadline_clear();
    await_close(client->fd);
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr,
                "echo-client: connection %u: after %" PRIu64
                " bytes: %s (%s)\n",
                (unsigned)(client - clients), client->sent, err_words(rc),
                err_name(rc));
    return rc;
}

static int client_await_connected(struct client *client)
{
    const struct sockaddr *to = (struct sockaddr *)&options.address.storage;
    int fd = sys_socket(to->sa_family, SOCK_STREAM, 0);
    int rc;

    if (fd < 0)
        return fd;
    (void)sys_set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); /* Unix: none */
    rc = await_connect(fd, to, options.address.len);
    if (rc < 0) {
        await_close(fd);
        return rc;
    }
    client->fd = fd;
    client->from = (unsigned)(client - clients) * 101 % PERIOD;
    return 0;
}

static int client_await_all_connected(void)
{
    char where[NET_TEXT_MAX];
    int rc = 0;

    for (unsigned i = 0; i < options.conns && rc == 0; i++)
        rc = client_await_connected(&clients[i]);
    if (rc == 0)
        return 0;
    net_format(&options.address, where);
    fprintf(stderr, "echo-client: cannot connect to %s: %s (%s); %s\n", where,
            err_words(rc), err_name(rc),
            rc == -EMFILE ? "ulimit -n allows no more"
                          : "does a server listen there?");
    return rc;
}

static void print_results(double seconds)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < options.conns; i++)
        bytes += clients[i].sent;
    printf("round_trips %" PRIu64 "\n", latency.count);
    printf("round_trips_per_s %.0f\n", (double)latency.count / seconds);
    printf("mb_per_s %.1f\n", (double)bytes / seconds / 1e6);
    printf("p50_us %.1f\n", (double)histogram_quantile_ns(&latency, 500) / 1e3);
    printf("p99_us %.1f\n", (double)histogram_quantile_ns(&latency, 990) / 1e3);
    printf("max_us %.1f\n", (double)latency.max_ns / 1e3);
}

/* Connects all, and only then lets all go. */
static int client_run_all(void *arg) /* task body */
{
    struct group group = {0};
    uint64_t began_ns;
    int rc = client_await_all_connected();

    (void)arg;
    if (rc < 0)
        return rc;
    began_ns = loop_now_ns();
    end_ns = options.seconds > 0 ? began_ns + options.seconds * NS_PER_S
                                 : UINT64_MAX;
    for (unsigned i = 0; i < options.conns && rc == 0; i++)
        rc = group_spawn(&group, &clients[i].task, "client", client_run,
                         &clients[i]);
    if (rc < 0)
        group_cancel(&group);
    rc = group_await_all(&group);
    print_results((double)(loop_now_ns() - began_ns) / 1e9);
    return rc;
}

/* Two operations each and their cancels, and a few. */
static int run_loop(void)
{
    struct loop_options loop_options = {
        .ring.sq_entries = 2 * options.conns + 8,
        .ring.cq_entries = 4 * options.conns + 16,
        .tasks_max = options.conns + 1,
    };
    struct loop loop;
    int rc = loop_init(&loop, &loop_options);

    if (rc < 0)
        return command_no_ring("echo-client", rc);
    rc = loop_run(&loop, client_run_all, NULL);
    loop_finish(&loop);
    return rc < 0 ? COMMAND_FAILED : COMMAND_DONE;
}

int main(int argc, char **argv)
{
    struct command command;
    uint32_t x = 1;
    void *memory;
    int rc = load_options_parse(&options, &command, argc, argv);

    if (rc != COMMAND_GO_ON)
        return rc;
    for (size_t i = 0; i < sizeof table; i++) {
        x = x * 1664525 + 1013904223;
        table[i] = i < PERIOD ? (unsigned char)(x >> 24) : table[i - PERIOD];
    }
    rc = sys_map(&memory, options.conns * sizeof *clients);
    if (rc < 0) {
        fprintf(stderr, "echo-client: no memory for %u connections\n",
                options.conns);
        return COMMAND_FAILED;
    }
    clients = memory;
    rc = run_loop();
    sys_unmap(memory, options.conns * sizeof *clients);
    return command_finish(&command, rc);
}
