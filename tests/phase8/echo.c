/* echo.c: phase 8's server, from outside. BIN is the directory of the program
 * under test: yours, perhaps.
 *
 * What every echo server owes its clients is asked of any program. What only
 * ours has, its limits' options and its counters, is asked only of those that
 * have them; for the others a test is skipped with its reason. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "suite.h"

#define MIB ((size_t)1 << 20)

static struct daemon d;
static const char *no_counters; /* why; NULL where they are printed */

/* Bytes that differ at every offset, so that a lost or doubled part shows. */
static unsigned char byte_at(size_t offset)
{
    return (unsigned char)(offset ^ offset >> 8 ^ offset >> 16);
}

static void check_echo(int fd, const char *text)
{
    char back[64];
    size_t len = strlen(text);

    socket_send(fd, text, len);
    socket_receive(fd, back, len);
    ck_assert(memcmp(back, text, len) == 0);
}

/* Starts it. Returns how many fds it has when it has settled and nobody is
 * connected. */
static int start_counted(void)
{
    int fd, count;

    daemon_start(&d, "echo", NULL);
    fd = daemon_connect(&d);
    check_echo(fd, "the first");
    count = daemon_fd_count(&d) - 1;
    close(fd);
    daemon_await_fd_count(&d, count);
    return count;
}

/* All clients have gone: nothing of them is left in the server, which has as
 * many fds as it had. */
static void check_quiet(int fds)
{
    daemon_await_fd_count(&d, fds);
    if (no_counters != NULL)
        return;
    daemon_await_counter(&d, "connections", 0);
    ck_assert_int_eq(daemon_counter(&d, "stale_completions"), 0);
    ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct sender {
    int fd;
    size_t len;
};

static void *send_pattern(void *arg)
{
    const struct sender *sender = arg;
    static unsigned char part[8192]; /* one thread of these at a time */

    for (size_t at = 0; at < sender->len; at += sizeof part) {
        for (size_t i = 0; i < sizeof part; i++)
            part[i] = byte_at(at + i);
        socket_send(sender->fd, part, sizeof part);
    }
    shutdown(sender->fd, SHUT_WR);
    return NULL;
}

static void check_pattern(int fd, size_t len, size_t part_len)
{
    static unsigned char part[65536];
    size_t at = 0;

    while (at < len) {
        ssize_t got = recv(fd, part, part_len, 0);

        ck_assert_msg(got > 0, "%zu of %zu bytes came back: %s", at, len,
                      got == 0 ? "the end" : strerror(errno));
        for (ssize_t i = 0; i < got; i++, at++)
            if (part[i] != byte_at(at)) /* an assertion each would be slow */
                ck_abort_msg("byte %zu is wrong", at);
    }
    socket_expect_end(fd);
}

static void echo_to_slow_reader(size_t len, size_t part_len)
{
    struct sender sender = {.fd = daemon_connect(&d), .len = len};
    pthread_t thread;

    ck_assert(pthread_create(&thread, NULL, send_pattern, &sender) == 0);
    check_pattern(sender.fd, len, part_len);
    pthread_join(thread, NULL);
    close(sender.fd);
}

TEST(what_is_sent_comes_back)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);

    check_echo(fd, "hello");
    check_echo(fd, "and again");
    close(fd);
    daemon_stop(&d);
}

/* Around every size at which something is split: buffers, and bursts. */
TEST(messages_of_every_size_come_back)
{
    static const size_t sizes[] = {1, 2, 1460, 4096, 16383, 16384, 16385,
                                   32768, 65536, 131071, 131072, 131073};
    static unsigned char message[131073], back[sizeof message];

    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = byte_at(i);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        socket_send(fd, message, sizes[i]);
        socket_receive(fd, back, sizes[i]);
        ck_assert(memcmp(message, back, sizes[i]) == 0);
    }
    for (size_t i = 0; i < 2000; i++) /* and one by one, without waiting */
        socket_send(fd, message + i, 1);
    socket_receive(fd, back, 2000);
    ck_assert(memcmp(message, back, 2000) == 0);
    close(fd);
    daemon_stop(&d);
}

TEST(sixty_four_mebibytes_come_back_exactly_to_a_slow_reader)
{
    int fds = start_counted();

    echo_to_slow_reader(64 * MIB, 4096);
    check_quiet(fds);
    daemon_stop(&d);
}

TEST(two_receive_buffers_are_enough_for_exact_bytes)
{
    daemon_start(&d, "echo", "--bufs", "2", NULL);
    echo_to_slow_reader(4 * MIB, 65536);
    daemon_stop(&d);
}

TEST(one_receive_buffer_serves_many_in_turn)
{
    int fds[20];

    daemon_start(&d, "echo", "--bufs", "1", NULL);
    for (int i = 0; i < 20; i++)
        fds[i] = daemon_connect(&d);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 20; i++)
            socket_send(fds[i], &round, sizeof round);
        for (int i = 0; i < 20; i++) {
            int back;

            socket_receive(fds[i], &back, sizeof back);
            ck_assert_int_eq(back, round);
        }
    }
    for (int i = 0; i < 20; i++)
        close(fds[i]);
    daemon_stop(&d);
}

TEST(tiny_rings_change_no_byte)
{
    daemon_start(&d, "echo", "--sq", "2", "--cq", "16", NULL);
    echo_to_slow_reader(4 * MIB, 65536);
    daemon_stop(&d);
}

/* More clients than the ring has slots for their operations: those who are let
 * in have all they need, and the others wait outside. */
TEST(a_tiny_ring_serves_many_in_turn)
{
    int fds[20];

    daemon_start(&d, "echo", "--sq", "2", "--cq", "16", NULL);
    for (int i = 0; i < 20; i++) {
        fds[i] = daemon_connect(&d);
        socket_send(fds[i], "at last", 7);
    }
    for (int i = 0; i < 20; i++) {
        char back[7];

        socket_receive(fds[i], back, 7);
        close(fds[i]);
    }
    daemon_stop(&d);
}

TEST(a_half_closed_peer_gets_the_rest_and_then_the_end)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);
    char back[8];

    socket_send(fd, "goodbye", 8);
    shutdown(fd, SHUT_WR);
    socket_receive(fd, back, 8);
    ck_assert_str_eq(back, "goodbye");
    socket_expect_end(fd);
    close(fd);
    daemon_stop(&d);
}

TEST(a_thousand_clients_are_served_at_once)
{
    static int fds[1000];

    int before = start_counted();
    for (int i = 0; i < 1000; i++)
        fds[i] = daemon_connect(&d);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++)
            check_echo(fds[i], "are you there?");
    ck_assert_int_ge(daemon_fd_count(&d), before + 1000);
    for (int i = 0; i < 1000; i++)
        close(fds[i]);
    check_quiet(before);
    daemon_stop(&d);
}

/* Buffers are for those who have data, not for those who may have some. */
TEST(idle_connections_hold_no_buffer_and_little_memory)
{
    static int fds[900];
    long rss_kib;

    daemon_start(&d, "echo", NULL);
    for (int i = 0; i < 100; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 100; i++)
        check_echo(fds[i], "one of the first");
    rss_kib = daemon_rss_kib(&d);
    for (int i = 100; i < 900; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 100; i < 900; i++)
        check_echo(fds[i], "one of the others");
    if (no_counters == NULL) {
        ck_assert_int_eq(daemon_counter(&d, "connections"), 900);
        ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
    }
    ck_assert_int_lt(daemon_rss_kib(&d) - rss_kib, 800 * 24);
    daemon_stop(&d);
}

TEST(clients_beyond_the_limit_wait_until_others_leave)
{
    int fds[12];

    daemon_start(&d, "echo", "--max-conns", "4", NULL);
    for (int i = 0; i < 12; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 12; i++) {
        check_echo(fds[i], "at last");
        ck_assert_int_le(daemon_counter(&d, "connections"), 4);
        close(fds[i]);
    }
    daemon_await_counter(&d, "closed", 12);
    ck_assert_int_ge(daemon_counter(&d, "accepts_paused"), 1);
    daemon_stop(&d);
}

/* --- peers that do not behave -------------------------------------------- */

/* Fills the path to the server and back until it takes no more. */
static size_t send_until_it_blocks(int fd)
{
    static char part[65536];
    size_t total = 0;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    while (poll(&ready, 1, 500) == 1) {
        ssize_t sent = send(fd, part, sizeof part,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            break;
        total += sent > 0 ? (size_t)sent : 0;
        ck_assert_msg(total < 256 * MIB, "it takes without end");
    }
    return total;
}

TEST(a_peer_that_does_not_read_is_not_read_from)
{
    int before = start_counted();
    int lazy = daemon_connect(&d), lively = daemon_connect(&d);

    check_echo(lively, "first");
    long rss_kib = daemon_rss_kib(&d);
    ck_assert_uint_gt(send_until_it_blocks(lazy), 0);
    check_echo(lively, "still served");
    ck_assert_int_lt(daemon_rss_kib(&d) - rss_kib, 8192);
    if (no_counters == NULL)
        ck_assert_int_ge(daemon_counter(&d, "buffers_free"), 256 - 16);
    close(lazy);
    close(lively);
    check_quiet(before);
    daemon_stop(&d);
}

static void reset(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

/* Fills all of them at a time, and reads from none. */
static void fill_all(const int *fds, int count)
{
    static char part[65536];
    static struct pollfd ready[200];
    int open = count;

    for (int i = 0; i < count; i++)
        ready[i] = (struct pollfd){.fd = fds[i], .events = POLLOUT};
    while (open > 0 && poll(ready, (nfds_t)count, 500) > 0) {
        for (int i = 0; i < count; i++) {
            if (ready[i].revents & POLLOUT)
                (void)!send(fds[i], part, sizeof part,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        }
    }
}

TEST(a_hundred_peers_that_do_not_read_starve_nobody)
{
    int fds[100], lively;

    daemon_start(&d, "echo", NULL);
    for (int i = 0; i < 100; i++)
        fds[i] = daemon_connect(&d);
    fill_all(fds, 100);
    lively = daemon_connect(&d);
    for (int i = 0; i < 20; i++)
        check_echo(lively, "there are buffers left");
    if (no_counters == NULL)
        ck_assert_int_ge(daemon_counter(&d, "buffers_free"), 16);
    for (int i = 0; i < 100; i++)
        reset(fds[i]);
    close(lively);
    daemon_stop(&d);
}

TEST(one_peer_that_does_not_read_leaves_buffers_for_others_in_a_tiny_pool)
{
    daemon_start(&d, "echo", "--bufs", "2", NULL);
    int lazy = daemon_connect(&d), lively = daemon_connect(&d);

    send_until_it_blocks(lazy);
    for (int i = 0; i < 20; i++)
        check_echo(lively, "one is left");
    close(lazy);
    close(lively);
    daemon_stop(&d);
}

TEST(a_peer_that_takes_nothing_is_reset_after_send_ms)
{
    daemon_start(&d, "echo", "--send-ms", "200", NULL);
    int before = daemon_fd_count(&d);
    int fd = daemon_connect(&d);

    send_until_it_blocks(fd);
    socket_expect_reset(fd);
    check_quiet(before);
    close(fd);
    daemon_stop(&d);
}

TEST(an_idle_connection_is_ended_after_idle_ms)
{
    daemon_start(&d, "echo", "--idle-ms", "100", NULL);
    int fd = daemon_connect(&d), silent = daemon_connect(&d);

    check_echo(fd, "once");
    socket_expect_end(fd);
    socket_expect_end(silent);
    close(fd);
    close(silent);
    daemon_stop(&d);
}

TEST(a_reset_ends_that_connection_only)
{
    daemon_start(&d, "echo", NULL);
    int other = daemon_connect(&d);
    check_echo(other, "first");
    int before = daemon_fd_count(&d);
    for (int i = 0; i < 100; i++) {
        int fd = daemon_connect(&d);

        socket_send(fd, "bytes under way", 15);
        reset(fd);
    }
    check_echo(other, "unharmed");
    daemon_await_fd_count(&d, before);
    close(other);
    check_quiet(before - 1);
    daemon_stop(&d);
}

/* A peer gone in the middle of an echo that does not fit into its window. */
TEST(a_reset_while_it_sends_ends_that_connection_only)
{
    int before = start_counted();
    int other = daemon_connect(&d);

    for (int i = 0; i < 3; i++) {
        int fd = daemon_connect(&d);

        send_until_it_blocks(fd);
        reset(fd);
        check_echo(other, "unharmed");
    }
    close(other);
    check_quiet(before);
    daemon_stop(&d);
}

/* Connections come and go in every way, so that fds are used again at once. */
TEST(a_reconnect_storm_mixes_no_bytes_and_leaks_nothing)
{
    int before = start_counted();

    for (int i = 0; i < 3000; i++) {
        int fd = daemon_connect(&d);
        char text[32];

        snprintf(text, sizeof text, "connection %d", i);
        if (i % 4 != 0)
            check_echo(fd, text);
        if (i % 3 == 0)
            socket_send(fd, text, strlen(text));
        if (i % 5 == 0)
            reset(fd);
        else
            close(fd);
    }
    check_quiet(before);
    daemon_stop(&d);
}

struct flood {
    int fd;
    atomic_bool ends;
};

static void *flood(void *arg)
{
    struct flood *self = arg;
    static char out[65536], in[65536];

    while (!atomic_load(&self->ends)) {
        (void)!send(self->fd, out, sizeof out, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)!recv(self->fd, in, sizeof in, MSG_DONTWAIT);
    }
    return NULL;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

TEST(a_peer_that_floods_does_not_starve_one_that_asks)
{
    struct flood self = {0};
    pthread_t thread;
    static uint64_t times[300];

    daemon_start(&d, "echo", NULL);
    self.fd = daemon_connect(&d);
    int asking = daemon_connect(&d);
    ck_assert(pthread_create(&thread, NULL, flood, &self) == 0);
    for (int i = 0; i < 300; i++) {
        uint64_t began = now_ns();

        check_echo(asking, "ping");
        times[i] = now_ns() - began;
    }
    atomic_store(&self.ends, true);
    pthread_join(thread, NULL);
    qsort(times, 300, sizeof *times, compare);
    ck_assert_msg(times[270] < 50000000, "nine of ten took up to %llu us",
                  (unsigned long long)times[270] / 1000);
    close(asking);
    reset(self.fd);
    daemon_stop(&d);
}

/* --- limits of the system ------------------------------------------------ */

/* Starts it with eight fds more than it needs: the ninth client finds none. The
 * limit is there before the server is: an accept keeps the limit of the moment
 * in which it was submitted, for as long as it goes on. */
static void start_with_few_fds(void)
{
    struct rlimit limit, few;

    ck_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    few = limit;
    few.rlim_cur = (rlim_t)start_counted() + 8;
    daemon_stop(&d);
    ck_assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
    daemon_start(&d, "echo", NULL);
    ck_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

TEST(out_of_fds_it_neither_spins_nor_forgets_anybody)
{
    int fds[24];

    start_with_few_fds();
    for (int i = 0; i < 24; i++)
        fds[i] = daemon_connect(&d);
    check_echo(fds[0], "served");
    if (no_counters == NULL)
        daemon_await_counter_at_least(&d, "emfile", 1);
    long ticks = daemon_cpu_ticks(&d);
    for (int i = 0; i < 20; i++) { /* a second's worth of waiting, and work */
        check_echo(fds[0], "still served");
        poll(NULL, 0, 50);
    }
    ck_assert_int_lt(daemon_cpu_ticks(&d) - ticks, sysconf(_SC_CLK_TCK) / 4);
    if (no_counters == NULL)
        ck_assert_int_lt(daemon_counter(&d, "emfile"), 100);
    for (int i = 0; i < 24; i++) {
        check_echo(fds[i], "at last");
        close(fds[i]);
    }
    daemon_stop(&d);
}

TEST(an_idle_server_uses_no_processor_time)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);
    long enters = 0;

    check_echo(fd, "hello");
    if (no_counters == NULL)
        enters = daemon_counter(&d, "enters");
    long ticks = daemon_cpu_ticks(&d);
    poll(NULL, 0, 1000);
    ck_assert_int_le(daemon_cpu_ticks(&d) - ticks, 1);
    /* The signal that asks for the counters is all that has happened. */
    if (no_counters == NULL)
        ck_assert_int_lt(daemon_counter(&d, "enters") - enters, 10);
    close(fd);
    daemon_stop(&d);
}

/* Nobody reads its stderr: what does not fit is dropped, not waited for. */
TEST(a_stderr_that_is_full_stops_nobody)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);

    for (int i = 0; i < 400; i++) {
        ck_assert(kill(d.pid, SIGUSR1) == 0);
        check_echo(fd, "still served");
    }
    close(fd);
    daemon_stop(&d);
}

/* Each stands for a message to each ring; one under way is enough. */
TEST(a_storm_of_signals_confuses_no_ring)
{
    int fds[16];

    daemon_start(&d, "echo", "--threads", "3", NULL);
    for (int i = 0; i < 16; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 20000; i++)
        ck_assert(kill(d.pid, SIGUSR1) == 0);
    for (int i = 0; i < 16; i++) {
        check_echo(fds[i], "still served");
        close(fds[i]);
    }
    daemon_stop(&d);
}

/* Sent by a peer that is gone, if anything were written without care. */
TEST(a_sigpipe_kills_nobody)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);

    check_echo(fd, "hello");
    ck_assert(kill(d.pid, SIGPIPE) == 0);
    check_echo(fd, "still served");
    close(fd);
    daemon_stop(&d);
}

TEST(every_descriptor_is_closed_on_exec)
{
    char path[64], line[128];
    int checked = 0;

    daemon_start(&d, "echo", "--threads", "2", NULL);
    int client = daemon_connect(&d);
    check_echo(client, "hello");
    for (int fd = 3; fd < 64; fd++) {
        unsigned flags = 0;
        FILE *file;

        if (fcntl(fd, F_GETFD) == 0)
            continue; /* it came from whoever runs the tests */
        snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)d.pid, fd);
        file = fopen(path, "r");
        if (file == NULL)
            continue;
        while (fgets(line, sizeof line, file) != NULL)
            sscanf(line, "flags: %o", &flags);
        fclose(file);
        ck_assert_msg(flags & O_CLOEXEC, "fd %d is not closed on exec", fd);
        checked++;
    }
    ck_assert_int_ge(checked, 4);
    close(client);
    daemon_stop(&d);
}

/* --- addresses ----------------------------------------------------------- */

TEST(ipv6_is_served_too)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    daemon_start(&d, "echo", "--bind", "::1", NULL);
    ck_assert(strncmp(d.address, "tcp://[::1]:", 12) == 0);
    address.sin6_port = htons((uint16_t)d.port);
    int fd = socket_connect((struct sockaddr *)&address, sizeof address);
    check_echo(fd, "over IPv6");
    close(fd);
    daemon_stop(&d);
}

static struct sockaddr_un unix_address;

static void start_at_path(const char *threads)
{
    static char bind[120];

    unix_address.sun_family = AF_UNIX;
    snprintf(unix_address.sun_path, sizeof unix_address.sun_path,
             "/tmp/one-ring.%d.echo", (int)getpid());
    snprintf(bind, sizeof bind, "unix:%s", unix_address.sun_path);
    daemon_start(&d, "echo", "--bind", bind, "--threads", threads, NULL);
    ck_assert_str_eq(d.address, bind);
}

static int connect_to_path(void)
{
    return socket_connect((struct sockaddr *)&unix_address,
                          sizeof unix_address);
}

TEST(a_unix_socket_is_served_and_its_name_removed_at_the_end)
{
    struct sender sender = {.len = 4 * MIB};
    pthread_t thread;

    start_at_path("1");
    sender.fd = connect_to_path();
    ck_assert(pthread_create(&thread, NULL, send_pattern, &sender) == 0);
    check_pattern(sender.fd, sender.len, 10000);
    pthread_join(thread, NULL);
    close(sender.fd);
    for (int i = 0; i < 100; i++) { /* data and end arrive together */
        char back[5];
        int fd = connect_to_path();

        socket_send(fd, "hello", 5);
        shutdown(fd, SHUT_WR);
        socket_receive(fd, back, 5);
        socket_expect_end(fd);
        close(fd);
    }
    daemon_stop(&d);
    ck_assert(access(unix_address.sun_path, F_OK) != 0);
}

TEST(several_rings_share_one_unix_socket)
{
    int fds[32];

    start_at_path("3");
    for (int i = 0; i < 32; i++)
        fds[i] = connect_to_path();
    for (int i = 0; i < 32; i++)
        check_echo(fds[i], "from any of three");
    for (int i = 0; i < 32; i++)
        close(fds[i]);
    daemon_stop(&d);
}

TEST(several_rings_share_one_port)
{
    int fds[64];

    daemon_start(&d, "echo", "--threads", "3", NULL);
    for (int i = 0; i < 64; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 64; i++)
        check_echo(fds[i], "from any of three");
    if (no_counters == NULL)
        ck_assert_int_eq(daemon_counter(&d, "connections"), 64);
    for (int i = 0; i < 64; i++)
        close(fds[i]);
    daemon_stop(&d);
}

/* A ring releases its sockets a little after its process has ended. */
TEST(a_server_can_be_started_again_at_the_port_that_it_had)
{
    static char port[8];

    daemon_start(&d, "echo", NULL);
    snprintf(port, sizeof port, "%u", d.port);
    for (int i = 0; i < 5; i++) {
        int fd = daemon_connect(&d);

        check_echo(fd, "hello");
        daemon_stop(&d); /* with a connection: it waits in TIME_WAIT */
        close(fd);
        daemon_start(&d, "echo", "--port", port, NULL);
    }
    daemon_stop(&d);
}

/* --- the end ------------------------------------------------------------- */

TEST(sigterm_ends_idle_connections_at_once)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);

    check_echo(fd, "hello");
    ck_assert(kill(d.pid, SIGTERM) == 0);
    socket_expect_end(fd);
    ck_assert_int_eq(daemon_wait(&d), 0);
    close(fd);
}

/* It has said that it listens, but not every ring is ready to be stopped. */
TEST(sigterm_in_the_first_moment_ends_it)
{
    for (int i = 0; i < 20; i++) {
        daemon_start(&d, "echo", "--threads", "4", NULL);
        daemon_stop(&d);
    }
}

TEST(sigint_ends_it_as_sigterm_does)
{
    daemon_start(&d, "echo", NULL);
    ck_assert(kill(d.pid, SIGINT) == 0);
    ck_assert_int_eq(daemon_wait(&d), 0);
}

TEST(after_sigterm_nobody_else_is_let_in)
{
    daemon_start(&d, "echo", "--drain-ms", "3600000", NULL);
    int fd = daemon_connect(&d);

    send_until_it_blocks(fd);
    ck_assert(kill(d.pid, SIGTERM) == 0);
    daemon_await_refusal(&d);
    ck_assert_int_eq(kill(d.pid, 0), 0); /* it is still there, for the first */
    reset(fd);
    ck_assert_int_eq(daemon_wait(&d), 0);
}

TEST(sigterm_cuts_busy_connections_off_after_drain_ms)
{
    daemon_start(&d, "echo", "--drain-ms", "200", NULL);
    int fd = daemon_connect(&d);

    send_until_it_blocks(fd);
    ck_assert(kill(d.pid, SIGTERM) == 0);
    ck_assert_int_eq(daemon_wait(&d), 0);
    close(fd);
}

TEST(a_second_sigterm_does_not_wait_for_busy_connections)
{
    daemon_start(&d, "echo", "--drain-ms", "3600000", NULL);
    int fd = daemon_connect(&d);

    send_until_it_blocks(fd);
    ck_assert(kill(d.pid, SIGTERM) == 0);
    daemon_await_refusal(&d); /* two signals at a time would be one */
    ck_assert(kill(d.pid, SIGTERM) == 0);
    ck_assert_int_eq(daemon_wait(&d), 0);
    close(fd);
}

/* Whichever ring has the busy connection, and whichever is done already: both
 * signals reach it. */
TEST(a_second_sigterm_reaches_every_ring)
{
    for (int i = 0; i < 6; i++) {
        daemon_start(&d, "echo", "--drain-ms", "3600000", "--threads", "2",
                     NULL);
        int fd = daemon_connect(&d);

        send_until_it_blocks(fd);
        ck_assert(kill(d.pid, SIGTERM) == 0);
        daemon_await_refusal(&d);
        /* That the other ring is done is no reason to hurry this one. */
        ck_assert_int_eq(poll(&(struct pollfd){.fd = fd}, 1, 50), 0);
        ck_assert(kill(d.pid, SIGTERM) == 0);
        ck_assert_int_eq(daemon_wait(&d), 0);
        close(fd);
    }
}

struct client {
    pthread_t thread;
    int fd;
    size_t got;
    bool is_right;
};

/* Sends and receives until the server has enough. What has come by then is what
 * was sent, from its beginning. */
static void *stream_until_the_end(void *arg)
{
    struct client *client = arg;
    unsigned char out[700], in[700];
    size_t sent = 0;
    ssize_t n;

    client->is_right = true;
    for (;;) {
        for (size_t i = 0; i < sizeof out; i++)
            out[i] = byte_at(sent + i);
        n = send(client->fd, out, sizeof out, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        sent += (size_t)n;
        n = recv(client->fd, in, sizeof in, 0);
        if (n <= 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            client->is_right &= in[i] == byte_at(client->got + (size_t)i);
        client->got += (size_t)n;
    }
    return NULL;
}

TEST(under_load_sigterm_ends_it_in_time_and_falsifies_nothing)
{
    unsigned seed = 1;

    for (int round = 0; round < 20; round++) {
        struct client clients[8] = {0};

        daemon_start(&d, "echo", "--drain-ms", "300", NULL);
        for (int i = 0; i < 8; i++) {
            clients[i].fd = daemon_connect(&d);
            ck_assert(pthread_create(&clients[i].thread, NULL,
                                     stream_until_the_end, &clients[i]) == 0);
        }
        seed = seed * 1103515245 + 12345;
        poll(NULL, 0, (int)(seed >> 16) % 20); /* at any time */
        uint64_t began = now_ns();
        ck_assert(kill(d.pid, SIGTERM) == 0);
        ck_assert_int_eq(daemon_wait(&d), 0);
        ck_assert_uint_lt(now_ns() - began, 3000000000u);
        for (int i = 0; i < 8; i++) {
            pthread_join(clients[i].thread, NULL);
            ck_assert(clients[i].is_right);
            close(clients[i].fd);
        }
    }
}

static const char *why_no_ipv6(void)
{
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6,
                                    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    int rc = bind(fd, (struct sockaddr *)&loopback, sizeof loopback);

    close(fd);
    return rc == 0 ? NULL : "this machine has no ::1";
}

static const char *either(const char *reason, const char *other)
{
    return reason != NULL ? reason : other;
}

static void add_what_every_server_owes(void)
{
    suite_add(what_is_sent_comes_back);
    suite_add(messages_of_every_size_come_back);
    suite_add(sixty_four_mebibytes_come_back_exactly_to_a_slow_reader);
    suite_add(a_half_closed_peer_gets_the_rest_and_then_the_end);
    suite_add(a_thousand_clients_are_served_at_once);
    suite_add(idle_connections_hold_no_buffer_and_little_memory);
    suite_add(a_peer_that_does_not_read_is_not_read_from);
    suite_add(a_hundred_peers_that_do_not_read_starve_nobody);
    suite_add(a_reset_ends_that_connection_only);
    suite_add(a_reset_while_it_sends_ends_that_connection_only);
    suite_add(a_reconnect_storm_mixes_no_bytes_and_leaks_nothing);
    suite_add(a_peer_that_floods_does_not_starve_one_that_asks);
    suite_add(out_of_fds_it_neither_spins_nor_forgets_anybody);
    suite_add(an_idle_server_uses_no_processor_time);
    suite_add(a_sigpipe_kills_nobody);
    suite_add(a_server_can_be_started_again_at_the_port_that_it_had);
    suite_add(sigterm_ends_idle_connections_at_once);
    suite_add(sigint_ends_it_as_sigterm_does);
}

static void add_what_options_promise(void)
{
    const char *no_bufs = daemon_why_no_option("echo", "--bufs");
    const char *no_bind = daemon_why_no_option("echo", "--bind");
    const char *no_threads = daemon_why_no_option("echo", "--threads");
    const char *no_drain = daemon_why_no_option("echo", "--drain-ms");
    const char *no_rings = daemon_why_no_option("echo", "--cq");

    suite_add_unless(no_bufs, two_receive_buffers_are_enough_for_exact_bytes);
    suite_add_unless(no_bufs, one_receive_buffer_serves_many_in_turn);
    suite_add_unless(
        no_bufs,
        one_peer_that_does_not_read_leaves_buffers_for_others_in_a_tiny_pool);
    suite_add_unless(no_rings, tiny_rings_change_no_byte);
    suite_add_unless(no_rings, a_tiny_ring_serves_many_in_turn);
    suite_add_unless(either(no_counters,
                            daemon_why_no_option("echo", "--max-conns")),
                     clients_beyond_the_limit_wait_until_others_leave);
    suite_add_unless(daemon_why_no_option("echo", "--send-ms"),
                     a_peer_that_takes_nothing_is_reset_after_send_ms);
    suite_add_unless(daemon_why_no_option("echo", "--idle-ms"),
                     an_idle_connection_is_ended_after_idle_ms);
    suite_add_unless(no_counters, a_stderr_that_is_full_stops_nobody);
    suite_add_unless(either(no_counters, no_threads),
                     a_storm_of_signals_confuses_no_ring);
    suite_add_unless(no_threads, every_descriptor_is_closed_on_exec);
    suite_add_unless(no_threads, sigterm_in_the_first_moment_ends_it);
    suite_add_unless(either(no_bind, why_no_ipv6()), ipv6_is_served_too);
    suite_add_unless(either(no_bind, no_threads),
                     a_unix_socket_is_served_and_its_name_removed_at_the_end);
    suite_add_unless(either(no_bind, no_threads),
                     several_rings_share_one_unix_socket);
    suite_add_unless(no_threads, several_rings_share_one_port);
    suite_add_unless(no_drain, after_sigterm_nobody_else_is_let_in);
    suite_add_unless(no_drain,
                     sigterm_cuts_busy_connections_off_after_drain_ms);
    suite_add_unless(no_drain,
                     a_second_sigterm_does_not_wait_for_busy_connections);
    suite_add_unless(either(no_threads, no_drain),
                     a_second_sigterm_reaches_every_ring);
    suite_add_unless(no_drain,
                     under_load_sigterm_ends_it_in_time_and_falsifies_nothing);
}

int main(void)
{
    no_counters = daemon_why_no_counters("echo");
    suite_begin("echo");
    add_what_every_server_owes();
    add_what_options_promise();
    return suite_end();
}
