/* echo_hostile.c: phase 8's server from outside, with peers that do not read,
 * send nothing, reset or flood: other clients are served as before.
 *
 * Judges: echo. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echoing.h"

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
        daemon_await_counter(&d, "buffers_free", 256); /* it holds none */
    close(lazy);
    close(lively);
    check_quiet(before);
    daemon_stop(&d);
}

/* Fills all of them at a time, and reads from none. */
static void fill_all(const int *fds, int count)
{
    static char part[65536];
    static struct pollfd ready[60];

    for (int i = 0; i < count; i++)
        ready[i] = (struct pollfd){.fd = fds[i], .events = POLLOUT};
    while (daemon_makes_ready(&d, ready, (nfds_t)count)) {
        for (int i = 0; i < count; i++) {
            if (ready[i].revents & POLLOUT)
                (void)!send(fds[i], part, sizeof part,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        }
    }
}

/* More than there are buffers. */
TEST(peers_that_do_not_read_starve_no_other)
{
    static int fds[60];
    int lively;

    daemon_start(&d, "echo", "--bufs", "32", NULL);
    for (int i = 0; i < 60; i++)
        fds[i] = daemon_connect(&d);
    fill_all(fds, 60);
    lively = daemon_connect(&d);
    for (int i = 0; i < 20; i++)
        check_echo(lively, "there are buffers left");
    if (no_counters == NULL)
        daemon_await_counter_at_least(&d, "buffers_free", 24);
    for (int i = 0; i < 60; i++)
        reset(fds[i]);
    close(lively);
    daemon_stop(&d);
}

/* They hold no buffer, and get back every byte once they read. */
TEST(peers_that_read_late_receive_every_byte)
{
    static struct sender senders[12];
    static pthread_t threads[12];
    int lively;

    daemon_start(&d, "echo", "--bufs", "8", NULL);
    for (int i = 0; i < 12; i++) {
        senders[i] = (struct sender){daemon_connect(&d), 16 * MIB};
        ck_assert(pthread_create(&threads[i], NULL, send_pattern,
                                 &senders[i]) == 0);
    }
    lively = daemon_connect(&d);
    for (int i = 0; i < 20; i++)
        check_echo(lively, "there are buffers left");
    for (int i = 0; i < 12; i++) {
        check_pattern(senders[i].fd, senders[i].len, 10000);
        pthread_join(threads[i], NULL);
        close(senders[i].fd);
    }
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

/* Asks d while a peer floods a server. Returns a time that nine of ten answers
 * did not exceed. */
static uint64_t ask_beside_flood(const struct daemon *flooded)
{
    struct flood self = {.fd = daemon_connect(flooded)};
    static uint64_t times[300];
    int asking = daemon_connect(&d);
    pthread_t thread;

    ck_assert(pthread_create(&thread, NULL, flood, &self) == 0);
    for (int i = 0; i < 300; i++) {
        uint64_t began = now_ns();

        check_echo(asking, "ping");
        times[i] = now_ns() - began;
    }
    atomic_store(&self.ends, true);
    pthread_join(thread, NULL);
    qsort(times, 300, sizeof *times, compare);
    close(asking);
    reset(self.fd);
    return times[270];
}

/* Another server is flooded for comparison: that takes as much of the machine,
 * and cannot starve a peer of this one. */
TEST(a_peer_that_floods_does_not_starve_one_that_asks)
{
    static struct daemon other;
    uint64_t apart = 0, beside = UINT64_MAX;

    daemon_start(&d, "echo", NULL);
    daemon_start(&other, "echo", NULL);
    for (int i = 0; i < 5 && beside >= 50000000 + 4 * apart; i++) {
        apart = ask_beside_flood(&other);
        beside = ask_beside_flood(&d);
    }
    ck_assert_msg(beside < 50000000 + 4 * apart,
                  "nine of ten took up to %llu us, and %llu us beside a flood "
                  "of another server", (unsigned long long)beside / 1000,
                  (unsigned long long)apart / 1000);
    daemon_stop(&d);
    daemon_stop(&other);
}

int main(void)
{
    const char *no_bufs = daemon_why_no_option("echo", "--bufs");

    no_counters = daemon_why_no_counters("echo");
    suite_begin("echo_hostile");
    suite_stage("errors");
    suite_add(a_peer_that_does_not_read_is_not_read_from);
    suite_add(a_reset_ends_that_connection_only);
    suite_add(a_reset_while_it_sends_ends_that_connection_only);
    suite_add(a_reconnect_storm_mixes_no_bytes_and_leaks_nothing);
    suite_add(a_peer_that_floods_does_not_starve_one_that_asks);
    suite_add_unless(
        no_bufs,
        one_peer_that_does_not_read_leaves_buffers_for_others_in_a_tiny_pool);
    suite_add_unless(no_bufs, peers_that_do_not_read_starve_no_other);
    suite_add_unless(no_bufs, peers_that_read_late_receive_every_byte);
    suite_add_unless(daemon_why_no_option("echo", "--send-ms"),
                     a_peer_that_takes_nothing_is_reset_after_send_ms);
    suite_add_unless(daemon_why_no_option("echo", "--idle-ms"),
                     an_idle_connection_is_ended_after_idle_ms);
    return suite_end();
}
