/* steps.c: the eight echo servers of phase8/steps under one specification.
 *
 * Each step has to pass every test here, so that a step which is faster by
 * losing bytes does not count. A step that this kernel cannot run is skipped
 * with the reason that the step prints.
 *
 * Judges: echo-epoll, echo-oneshot, echo-multishot, echo-direct.
 * Judges: echo-skip, echo-bundle, echo-zc, echo-threads. */
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>

#include "echoing.h"

#define CLIENTS 50

/* Sends until the server sleeps and takes nothing more. Returns the bytes. */
static size_t fill(int fd)
{
    static char part[65536];
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    size_t total = 0;

    while (daemon_makes_ready(&d, &ready, 1)) {
        ssize_t sent = send(fd, part, sizeof part,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        ck_assert_msg(sent > 0 || errno == EAGAIN, "%s", strerror(errno));
        total += sent > 0 ? (size_t)sent : 0;
        ck_assert_msg(total < 256 * MIB, "it takes without end");
    }
    return total;
}

/* Waits until this many connections are left. The step on epoll prints no
 * counters: there, the tests compare its descriptors. */
static void await_connections(const char *program, long count)
{
    if (strcmp(program, "echo-epoll") != 0)
        daemon_await_counter(&d, "connections", count);
}

/* Starts the program with two options, or none. The step with threads has two
 * of them, so that every other connection is handed over. */
static void start(const char *program, const char *option, const char *value)
{
    if (strcmp(program, "echo-threads") == 0)
        daemon_start(&d, program, "--threads", "2", option, value, NULL);
    else
        daemon_start(&d, program, option, value, NULL);
}

/* Returns len bytes that differ for each offset. Valid until the next call. */
static const unsigned char *pattern(size_t from, size_t len)
{
    static unsigned char bytes[65536];

    for (size_t i = 0; i < len; i++)
        bytes[i] = byte_at(from + i);
    return bytes;
}

static void check_bytes(int fd, size_t len, size_t from)
{
    static unsigned char back[65536];

    socket_send(fd, pattern(from, len), len);
    socket_receive(fd, back, len);
    ck_assert(memcmp(pattern(from, len), back, len) == 0);
}

static void echo_pattern(size_t len, size_t part_len)
{
    struct sender sender = {.fd = daemon_connect(&d), .len = len};
    pthread_t thread;

    ck_assert(pthread_create(&thread, NULL, send_pattern, &sender) == 0);
    check_pattern(sender.fd, len, part_len);
    pthread_join(thread, NULL);
    close(sender.fd);
}

static void returns_exact_bytes_to_many_clients(const char *program)
{
    static const size_t sizes[] = {1, 100, 16384, 16385, 65536};
    int fds[CLIENTS];

    start(program, NULL, NULL);
    for (size_t i = 0; i < CLIENTS; i++)
        fds[i] = daemon_connect(&d);
    for (size_t round = 0; round < 5; round++)
        for (size_t i = 0; i < CLIENTS; i++)
            check_bytes(fds[i], sizes[(i + round) % 5], i * 1000 + round);
    for (size_t i = 0; i < CLIENTS; i++)
        close(fds[i]);
    await_connections(program, 0);
    daemon_stop(&d);
}

/* The half close comes while much of the echo still waits for the reader. */
static void sends_the_rest_to_a_half_closed_peer(const char *program)
{
    int before, silent;

    start(program, NULL, NULL);
    before = daemon_fd_count(&d);
    echo_pattern(8 * MIB, 4096);
    silent = daemon_connect(&d);
    shutdown(silent, SHUT_WR);
    socket_expect_end(silent);
    close(silent);
    daemon_await_fd_count(&d, before);
    daemon_stop(&d);
}

static void bounds_the_memory_of_a_peer_that_never_reads(const char *program)
{
    int lazy, lively;
    long rss_kib;

    start(program, NULL, NULL);
    lazy = daemon_connect(&d);
    lively = daemon_connect(&d);
    check_echo(lively, "first");
    rss_kib = daemon_rss_kib(&d);
    ck_assert_uint_gt(fill(lazy), MIB);
    ck_assert_int_lt(daemon_rss_kib(&d) - rss_kib, 6144);
    for (int i = 0; i < 100; i++)
        check_echo(lively, "still served");
    reset(lazy);
    await_connections(program, 1);
    close(lively);
    await_connections(program, 0);
    daemon_stop(&d);
}

/* Before the echo, in the middle of one, and in the middle of one that does not
 * fit into the peer's window. */
static void ends_only_the_connection_that_is_reset(const char *program)
{
    int before, other;

    start(program, NULL, NULL);
    other = daemon_connect(&d);
    check_echo(other, "first");
    before = daemon_fd_count(&d);
    for (int i = 0; i < 100; i++) {
        int fd = daemon_connect(&d);

        if (i % 2 == 0)
            check_echo(fd, "served");
        socket_send(fd, "bytes under way", 15);
        if (i == 50)
            fill(fd);
        reset(fd);
        check_echo(other, "unharmed");
    }
    await_connections(program, 1);
    daemon_await_fd_count(&d, before);
    close(other);
    daemon_stop(&d);
}

/* Twenty in flight, so that several wait in the server. */
static void returns_thousands_of_small_messages_in_order(const char *program)
{
    int fd;

    start(program, NULL, NULL);
    fd = daemon_connect(&d);
    for (unsigned i = 0; i < 8000; i += 20) {
        unsigned back[20];

        for (unsigned j = 0; j < 20; j++) {
            unsigned message = i + j;

            socket_send(fd, &message, sizeof message);
        }
        socket_receive(fd, back, sizeof back);
        for (unsigned j = 0; j < 20; j++)
            ck_assert_uint_eq(back[j], i + j);
    }
    close(fd);
    daemon_stop(&d);
}

/* Receives at most len bytes of a pattern, at offset. Returns how many. */
static size_t receive_part(int fd, size_t offset, size_t len)
{
    static unsigned char part[65536];
    ssize_t got = recv(fd, part, len, 0);

    ck_assert_msg(got > 0, "%s", got == 0 ? "the end" : strerror(errno));
    ck_assert_msg(memcmp(part, pattern(offset, (size_t)got), (size_t)got) == 0,
                  "behind byte %zu", offset);
    return (size_t)got;
}

/* The slow reader holds a part of the pool, so the buffers come back in another
 * order than that in which they were filled. */
static void returns_exact_bytes_to_a_slow_and_a_fast_reader(const char *program)
{
    const size_t len = 2 * MIB, part_len[2] = {300, 65536};
    struct sender senders[2];
    struct pollfd ready[2];
    pthread_t threads[2];
    size_t at[2] = {0};

    start(program, "--buf-len", "1000");
    for (int i = 0; i < 2; i++) {
        senders[i] = (struct sender){.fd = daemon_connect(&d), .len = len};
        ready[i] = (struct pollfd){.fd = senders[i].fd, .events = POLLIN};
        ck_assert(pthread_create(&threads[i], NULL, send_pattern,
                                 &senders[i]) == 0);
    }
    while (at[0] < len || at[1] < len) {
        ck_assert(poll(ready, 2, DAEMON_DEADLINE_MS) > 0);
        for (int i = 0; i < 2; i++) {
            if (ready[i].revents != 0)
                at[i] += receive_part(ready[i].fd, at[i], part_len[i]);
            if (at[i] == len)
                ready[i].fd = -1;
        }
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        socket_expect_end(senders[i].fd);
        close(senders[i].fd);
    }
    daemon_stop(&d);
}

/* Starts the program with one buffer of this length, or one per connection. */
static void start_tiny(const char *program, const char *buf_len)
{
    if (daemon_why_no_option(program, "--bufs") != NULL)
        daemon_start(&d, program, "--buf-len", buf_len, NULL);
    else if (strcmp(program, "echo-threads") != 0)
        daemon_start(&d, program, "--bufs", "1", "--buf-len", buf_len, NULL);
    else
        daemon_start(&d, program, "--threads", "1", "--bufs", "1", "--buf-len",
                     buf_len, NULL);
}

/* Ten clients send len bytes at the same moment: the server is stopped. */
static void check_at_once(const int *fds, size_t len, size_t from)
{
    static unsigned char back[2000];

    ck_assert(kill(d.pid, SIGSTOP) == 0);
    for (size_t i = 0; i < 10; i++)
        socket_send(fds[i], pattern(from + i * 2000, len), len);
    ck_assert(kill(d.pid, SIGCONT) == 0);
    for (size_t i = 0; i < 10; i++) {
        socket_receive(fds[i], back, len);
        ck_assert_msg(memcmp(back, pattern(from + i * 2000, len), len) == 0,
                      "client %zu", i);
    }
}

static void returns_exact_bytes_with_one_tiny_buffer(const char *program)
{
    int fds[10];

    start_tiny(program, "16");
    for (int i = 0; i < 10; i++)
        fds[i] = daemon_connect(&d);
    check_at_once(fds, 8, 1);
    check_at_once(fds, 16, 2);
    check_at_once(fds, 17, 3);
    check_at_once(fds, 2000, 4);
    echo_pattern(64 * 1024, 65536);
    for (int i = 0; i < 10; i++)
        close(fds[i]);
    await_connections(program, 0);
    daemon_stop(&d);
}

/* More clients than descriptors. Those without one wait in the backlog. */
static void waits_without_a_spin_for_free_descriptors(const char *program)
{
    struct rlimit limit, few;
    int fds[60];
    long ticks;

    ck_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    few = limit;
    few.rlim_cur = 30;
    ck_assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
    start(program, NULL, NULL);
    ck_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int i = 0; i < 60; i++)
        fds[i] = daemon_connect(&d);
    check_echo(fds[0], "served");
    ticks = daemon_cpu_ticks(&d);
    poll(NULL, 0, 300); /* a server that spins uses all of this time */
    ck_assert_int_lt(daemon_cpu_ticks(&d) - ticks, 10);
    for (int i = 0; i < 60; i++) {
        check_echo(fds[i], "in turn");
        close(fds[i]);
    }
    await_connections(program, 0);
    daemon_stop(&d);
}

/* One client holds the only buffer. Five others are silent, one ends without
 * data, and one has data and waits for the echo. */
static void gives_a_released_buffer_to_a_client_that_waits(const char *program)
{
    int lazy, silent[5], gone, starved;
    char back[7];
    long ticks;

    start_tiny(program, "16384");
    lazy = daemon_connect(&d);
    gone = daemon_connect(&d);
    check_echo(gone, "served");
    fill(lazy);
    for (int i = 0; i < 5; i++)
        silent[i] = daemon_connect(&d);
    starved = daemon_connect(&d);
    shutdown(gone, SHUT_WR);
    ticks = daemon_cpu_ticks(&d);
    poll(NULL, 0, 300); /* a server that spins uses all of this time */
    ck_assert_int_lt(daemon_cpu_ticks(&d) - ticks, 10);
    socket_send(starved, "at last", 7);
    reset(lazy);
    socket_receive(starved, back, 7);
    ck_assert(memcmp(back, "at last", 7) == 0);
    socket_expect_end(gone);
    close(gone);
    close(starved);
    for (int i = 0; i < 5; i++)
        close(silent[i]);
    await_connections(program, 0);
    daemon_stop(&d);
}

/* Each function above is a test of each step. */
#define SPECIFICATION(DO, step, program)                                      \
    DO(step, program, returns_exact_bytes_to_many_clients)                    \
    DO(step, program, sends_the_rest_to_a_half_closed_peer)                   \
    DO(step, program, bounds_the_memory_of_a_peer_that_never_reads)           \
    DO(step, program, ends_only_the_connection_that_is_reset)                 \
    DO(step, program, returns_thousands_of_small_messages_in_order)           \
    DO(step, program, returns_exact_bytes_with_one_tiny_buffer)               \
    DO(step, program, returns_exact_bytes_to_a_slow_and_a_fast_reader)        \
    DO(step, program, waits_without_a_spin_for_free_descriptors)              \
    DO(step, program, gives_a_released_buffer_to_a_client_that_waits)

#define DEFINE(step, program, what)                                           \
    TEST(step##_##what)                                                       \
    {                                                                         \
        what(program);                                                        \
    }
#define ADD(step, program, what)                                              \
    suite_add_unless(daemon_why_no_start(program), step##_##what);

#define STEPS(DO)                                                             \
    SPECIFICATION(DO, echo_epoll, "echo-epoll")                               \
    SPECIFICATION(DO, echo_oneshot, "echo-oneshot")                           \
    SPECIFICATION(DO, echo_multishot, "echo-multishot")                       \
    SPECIFICATION(DO, echo_direct, "echo-direct")                             \
    SPECIFICATION(DO, echo_skip, "echo-skip")                                 \
    SPECIFICATION(DO, echo_bundle, "echo-bundle")                             \
    SPECIFICATION(DO, echo_zc, "echo-zc")                                     \
    SPECIFICATION(DO, echo_threads, "echo-threads")

STEPS(DEFINE)

/* A socket that was never bound can listen, too: on every address. */
TEST(the_listener_of_echo_direct_is_bound_to_one_address)
{
    struct sockaddr_in other = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), served;

    daemon_start(&d, "echo-direct", NULL);
    other.sin_port = htons((uint16_t)d.port);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&other, sizeof other), -1);
    ck_assert_int_eq(errno, ECONNREFUSED);
    close(fd);
    served = daemon_connect(&d);
    check_echo(served, "on 127.0.0.1");
    close(served);
    daemon_stop(&d);
}

int main(void)
{
    suite_begin("steps");
    suite_add_unless(daemon_why_no_start("echo-direct"),
                     the_listener_of_echo_direct_is_bound_to_one_address);
    STEPS(ADD)
    return suite_end();
}
