/* echo.c: phase 8's server, from outside. BIN is the directory of the program
 * under test: yours, perhaps. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon.h"
#include "suite.h"

#define MIB ((size_t)1 << 20)

static struct daemon d;

/* Bytes that differ at every offset, so that a lost or doubled piece shows. */
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

struct sender {
    int fd;
    size_t len;
};

static void *send_pattern(void *arg)
{
    const struct sender *sender = arg;
    static unsigned char piece[8192];

    for (size_t at = 0; at < sender->len; at += sizeof piece) {
        for (size_t i = 0; i < sizeof piece; i++)
            piece[i] = byte_at(at + i);
        socket_send(sender->fd, piece, sizeof piece);
    }
    shutdown(sender->fd, SHUT_WR);
    return NULL;
}

static void check_pattern(int fd, size_t len, size_t piece_len)
{
    static unsigned char piece[65536];
    size_t at = 0;

    while (at < len) {
        ssize_t got = recv(fd, piece, piece_len, 0);

        ck_assert_msg(got > 0, "%zu of %zu bytes came back: %s", at, len,
                      got == 0 ? "the end" : strerror(errno));
        for (ssize_t i = 0; i < got; i++, at++)
            if (piece[i] != byte_at(at)) /* an assertion each would be slow */
                ck_abort_msg("byte %zu is wrong", at);
    }
    socket_expect_end(fd);
}

static void echo_to_slow_reader(size_t len, size_t piece_len)
{
    struct sender sender = {.fd = daemon_connect(&d), .len = len};
    pthread_t thread;

    ck_assert(pthread_create(&thread, NULL, send_pattern, &sender) == 0);
    check_pattern(sender.fd, len, piece_len);
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

TEST(sixty_four_mebibytes_come_back_exactly_to_a_slow_reader)
{
    daemon_start(&d, "echo", NULL);
    echo_to_slow_reader(64 * MIB, 4096);
    daemon_await_counter(&d, "connections", 0);
    ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
    daemon_stop(&d);
}

TEST(two_receive_buffers_are_enough_for_exact_bytes)
{
    daemon_start(&d, "echo", "--bufs", "2", NULL);
    echo_to_slow_reader(4 * MIB, 65536);
    daemon_stop(&d);
}

TEST(tiny_rings_change_no_byte)
{
    daemon_start(&d, "echo", "--sq", "2", "--cq", "16", NULL);
    echo_to_slow_reader(4 * MIB, 65536);
    daemon_stop(&d);
}

TEST(a_half_closed_peer_gets_the_rest_and_then_the_end)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);
    char back[6];

    socket_send(fd, "goodbye", 6);
    shutdown(fd, SHUT_WR);
    socket_receive(fd, back, 6);
    socket_expect_end(fd);
    close(fd);
    daemon_stop(&d);
}

TEST(a_thousand_clients_are_served_at_once)
{
    static int fds[1000];

    daemon_start(&d, "echo", NULL);
    int before = daemon_fd_count(&d);
    for (int i = 0; i < 1000; i++)
        fds[i] = daemon_connect(&d);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++)
            check_echo(fds[i], "are you there?");
    ck_assert_int_eq(daemon_counter(&d, "connections"), 1000);
    for (int i = 0; i < 1000; i++)
        close(fds[i]);
    daemon_await_counter(&d, "connections", 0);
    ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
    ck_assert_int_eq(daemon_counter(&d, "stale_completions"), 0);
    ck_assert_int_eq(daemon_fd_count(&d), before);
    daemon_stop(&d);
}

TEST(clients_beyond_the_limit_wait_their_turn)
{
    int fds[12];

    daemon_start(&d, "echo", "--max-conns", "4", NULL);
    for (int i = 0; i < 12; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 12; i++) {
        check_echo(fds[i], "my turn");
        ck_assert_int_le(daemon_counter(&d, "connections"), 4);
        close(fds[i]);
    }
    daemon_await_counter(&d, "closed", 12);
    ck_assert_int_ge(daemon_counter(&d, "accepts_paused"), 1);
    daemon_stop(&d);
}

/* Fills the path to the server and back until it takes no more. */
static size_t send_until_it_blocks(int fd)
{
    static char piece[65536];
    size_t total = 0;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    while (poll(&ready, 1, 500) == 1) {
        ssize_t sent = send(fd, piece, sizeof piece,
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
    daemon_start(&d, "echo", NULL);
    int lazy = daemon_connect(&d), lively = daemon_connect(&d);

    check_echo(lively, "first");
    long before = daemon_rss_kib(&d);
    ck_assert_uint_gt(send_until_it_blocks(lazy), 0);
    check_echo(lively, "still served");
    ck_assert_int_lt(daemon_rss_kib(&d) - before, 8192);
    ck_assert_int_ge(daemon_counter(&d, "buffers_free"), 256 - 64);
    close(lazy);
    close(lively);
    daemon_await_counter(&d, "connections", 0);
    ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
    daemon_stop(&d);
}

TEST(a_peer_that_takes_nothing_is_reset_after_send_ms)
{
    daemon_start(&d, "echo", "--send-ms", "200", NULL);
    int fd = daemon_connect(&d);

    send_until_it_blocks(fd);
    daemon_await_counter(&d, "connections", 0);
    ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
    close(fd);
    daemon_stop(&d);
}

TEST(an_idle_connection_is_ended_after_idle_ms)
{
    daemon_start(&d, "echo", "--idle-ms", "100", NULL);
    int fd = daemon_connect(&d);

    check_echo(fd, "once");
    socket_expect_end(fd);
    close(fd);
    daemon_stop(&d);
}

TEST(a_reset_ends_that_connection_only)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};

    daemon_start(&d, "echo", NULL);
    int other = daemon_connect(&d);
    for (int i = 0; i < 100; i++) {
        int fd = daemon_connect(&d);

        socket_send(fd, "bytes under way", 15);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    check_echo(other, "unharmed");
    daemon_await_counter(&d, "connections", 1);
    ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
    close(other);
    daemon_stop(&d);
}

/* Eight fds more than the server has now: the ninth client finds none left. */
TEST(out_of_fds_it_neither_spins_nor_forgets_anybody)
{
    int fds[24];

    daemon_start(&d, "echo", NULL);
    rlim_t few = (rlim_t)daemon_fd_count(&d) + 8;
    struct rlimit limit = {few, few};

    ck_assert(prlimit(d.pid, RLIMIT_NOFILE, &limit, NULL) == 0);
    for (int i = 0; i < 24; i++)
        fds[i] = daemon_connect(&d);
    check_echo(fds[0], "served");
    long ticks = daemon_cpu_ticks(&d);
    long emfile = daemon_counter(&d, "emfile");
    ck_assert_int_ge(emfile, 1);
    for (int i = 0; i < 20; i++) { /* a second's worth of waiting, and work */
        check_echo(fds[0], "still served");
        poll(NULL, 0, 50);
    }
    ck_assert_int_lt(daemon_cpu_ticks(&d) - ticks, sysconf(_SC_CLK_TCK) / 4);
    ck_assert_int_lt(daemon_counter(&d, "emfile") - emfile, 100);
    for (int i = 0; i < 24; i++) {
        check_echo(fds[i], "my turn");
        close(fds[i]);
    }
    daemon_stop(&d);
}

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
    daemon_counter(&d, "connections"); /* it has heard the first */
    ck_assert(kill(d.pid, SIGTERM) == 0);
    ck_assert_int_eq(daemon_wait(&d), 0);
    close(fd);
}

TEST(several_rings_share_one_port)
{
    int fds[64];

    daemon_start(&d, "echo", "--threads", "3", NULL);
    for (int i = 0; i < 64; i++)
        fds[i] = daemon_connect(&d);
    for (int i = 0; i < 64; i++)
        check_echo(fds[i], "from any of three");
    for (int i = 0; i < 64; i++)
        close(fds[i]);
    daemon_stop(&d);
}

TEST(an_idle_server_uses_no_processor_time)
{
    daemon_start(&d, "echo", NULL);
    int fd = daemon_connect(&d);

    check_echo(fd, "hello");
    long enters = daemon_counter(&d, "enters");
    long ticks = daemon_cpu_ticks(&d);
    poll(NULL, 0, 1000);
    ck_assert_int_le(daemon_cpu_ticks(&d) - ticks, 1);
    /* The signal that asks for the counters is all that has happened. */
    ck_assert_int_lt(daemon_counter(&d, "enters") - enters, 10);
    close(fd);
    daemon_stop(&d);
}

int main(void)
{
    suite_begin("echo");
    suite_add(what_is_sent_comes_back);
    suite_add(sixty_four_mebibytes_come_back_exactly_to_a_slow_reader);
    suite_add(two_receive_buffers_are_enough_for_exact_bytes);
    suite_add(tiny_rings_change_no_byte);
    suite_add(a_half_closed_peer_gets_the_rest_and_then_the_end);
    suite_add(a_thousand_clients_are_served_at_once);
    suite_add(clients_beyond_the_limit_wait_their_turn);
    suite_add(a_peer_that_does_not_read_is_not_read_from);
    suite_add(a_peer_that_takes_nothing_is_reset_after_send_ms);
    suite_add(an_idle_connection_is_ended_after_idle_ms);
    suite_add(a_reset_ends_that_connection_only);
    suite_add(out_of_fds_it_neither_spins_nor_forgets_anybody);
    suite_add(sigterm_ends_idle_connections_at_once);
    suite_add(sigterm_cuts_busy_connections_off_after_drain_ms);
    suite_add(a_second_sigterm_does_not_wait_for_busy_connections);
    suite_add(several_rings_share_one_port);
    suite_add(an_idle_server_uses_no_processor_time);
    return suite_end();
}
