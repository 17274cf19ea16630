/* echo_load.c: phase 8's server from outside, while many clients use it: it
 * stops, restarts, and holds ten thousand of them.
 *
 * Judges: echo. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echoing.h"

#define STREAM_LEN (MIB / 4)
#define STREAMS 8
#define LAZY 260 /* more than there are receive buffers */
#define MANY 10000

/* Sends a stream of known length, ends it, and receives all of it. */
static void *exchange_stream(void *arg)
{
    struct client *client = arg;
    struct sender sender = {.fd = client->fd, .len = STREAM_LEN};
    pthread_t thread;

    ck_assert(pthread_create(&thread, NULL, send_pattern, &sender) == 0);
    check_pattern(client->fd, STREAM_LEN, 10000);
    pthread_join(thread, NULL);
    close(client->fd);
    return NULL;
}

/* A stream that a client had begun, or that waited in the backlog, is served to
 * its end. */
TEST(sigterm_cuts_no_stream_within_drain_ms)
{
    static struct client clients[STREAMS];
    static const char *const threads[] = {"1", "2"};
    unsigned seed = 1;

    for (int round = 0; round < 50; round++) {
        daemon_start(&d, "echo", "--threads", threads[round % 2], NULL);
        for (int i = 0; i < STREAMS; i++) {
            clients[i].fd = daemon_connect(&d);
            ck_assert(pthread_create(&clients[i].thread, NULL, exchange_stream,
                                     &clients[i]) == 0);
        }
        seed = seed * 1103515245 + 12345;
        poll(NULL, 0, (int)(seed >> 16) % 8); /* some of them have ended */
        ck_assert(kill(d.pid, SIGTERM) == 0);
        for (int i = 0; i < STREAMS; i++)
            pthread_join(clients[i].thread, NULL);
        ck_assert_int_eq(daemon_wait(&d), 0);
    }
}

static atomic_bool load_ends;
static atomic_uint served;

/* Connects, asks once, and leaves, again and again. Between two servers a
 * connection is refused, or is reset in the backlog that is closed. An echo
 * that comes is right. */
static void *ask_again_and_again(void *arg)
{
    const struct sockaddr_in *address = arg;

    while (!atomic_load(&load_ends)) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char back[5];

        if (connect(fd, (const void *)address, sizeof *address) == 0 &&
            send(fd, "hello", 5, MSG_NOSIGNAL) == 5 &&
            recv(fd, back, 5, MSG_WAITALL) == 5) {
            ck_assert(memcmp(back, "hello", 5) == 0);
            atomic_fetch_add(&served, 1);
        }
        close(fd);
    }
    return NULL;
}

/* The successor starts while the old server drains, as a restart script may do:
 * the old one does not listen any more, but has connections at that port. */
TEST(a_successor_takes_over_the_port_under_load)
{
    static struct daemon old;
    static char port[8];
    pthread_t threads[4];
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    daemon_start(&d, "echo", NULL);
    snprintf(port, sizeof port, "%u", d.port);
    address.sin_port = htons((uint16_t)d.port);
    for (int i = 0; i < 4; i++)
        ck_assert(pthread_create(&threads[i], NULL, ask_again_and_again,
                                 &address) == 0);
    for (int round = 0; round < 8; round++) {
        unsigned before = atomic_load(&served);
        int fd = daemon_connect(&d);

        check_echo(fd, "hello");
        old = d;
        ck_assert(kill(old.pid, SIGTERM) == 0);
        daemon_start(&d, "echo", "--port", port, NULL);
        check_echo(fd, "the old one drains");
        close(fd);
        ck_assert_int_eq(daemon_wait(&old), 0);
        while (atomic_load(&served) < before + 20) /* or the time limit */
            poll(NULL, 0, 1);
    }
    atomic_store(&load_ends, true);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    daemon_stop(&d);
}

static int connect_lazy(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)d.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), little = 4096;

    /* So that the sockets of 260 peers do not need all of the machine's. */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    ck_assert(connect(fd, (void *)&address, sizeof address) == 0);
    return fd;
}

/* Sends to all of them until none takes more. */
static void fill(const int *fds, int count)
{
    static char part[65536];
    static struct pollfd ready[LAZY];

    for (int i = 0; i < count; i++)
        ready[i] = (struct pollfd){.fd = fds[i], .events = POLLOUT};
    while (daemon_makes_ready(&d, ready, (nfds_t)count))
        for (int i = 0; i < count; i++)
            if (ready[i].revents & POLLOUT)
                (void)!send(fds[i], part, sizeof part,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
}

TEST(peers_that_never_read_cost_less_than_a_mebibyte_each)
{
    static int fds[LAZY];
    int lively;
    long before_kib;

    daemon_start(&d, "echo", NULL);
    fds[0] = daemon_connect(&d);
    send_until_it_blocks(fds[0]); /* now all receive buffers were used */
    before_kib = daemon_rss_kib(&d);
    for (int i = 1; i < LAZY; i++)
        fds[i] = connect_lazy();
    fill(fds + 1, LAZY - 1);
    ck_assert_int_lt(daemon_rss_kib(&d) - before_kib, 1024L * (LAZY - 1));
    lively = daemon_connect(&d);
    for (int i = 0; i < 20; i++)
        check_echo(lively, "still served");
    for (int i = 0; i < LAZY; i++)
        reset(fds[i]);
    close(lively);
    daemon_stop(&d);
}

static void hold(int count, int fds_before)
{
    static int fds[MANY];

    for (int i = 0; i < count; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < count; i++)
        check_echo(fds[i], "one of many");
    for (int i = 0; i < count; i++)
        close(fds[i]);
    daemon_await_fd_count(&d, fds_before);
}

/* Memory of the first ten thousand serves the clients that come after them. */
TEST(ten_thousand_connections_are_held_in_memory_that_is_reused)
{
    int fds;
    long once_kib;

    daemon_start(&d, "echo", "--max-conns", "10000", NULL);
    fds = daemon_fd_count(&d);
    hold(MANY, fds);
    once_kib = daemon_rss_kib(&d);
    hold(MANY / 5, fds);
    ck_assert_int_le(daemon_rss_kib(&d), once_kib + 1024);
    daemon_stop(&d);
}

/* Raises this process's limit, which the server inherits. */
static const char *why_not_many_fds(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < MANY + 100)
        return "ulimit -Hn is below 10,100";
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? NULL : "no more fds";
}

int main(void)
{
    const char *no_threads = daemon_why_no_option("echo", "--threads");
    const char *no_drain = daemon_why_no_option("echo", "--drain-ms");
    const char *no_max_conns = daemon_why_no_option("echo", "--max-conns");

    suite_begin("echo_load");
    suite_stage("interruptions");
    suite_add_unless(either(no_threads, no_drain),
                     sigterm_cuts_no_stream_within_drain_ms);
    suite_add_unless(no_drain, a_successor_takes_over_the_port_under_load);
    suite_add(peers_that_never_read_cost_less_than_a_mebibyte_each);
    suite_add_unless(
        either(no_max_conns, why_not_many_fds()),
        ten_thousand_connections_are_held_in_memory_that_is_reused);
    return suite_end();
}
