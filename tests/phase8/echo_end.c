/* echo_end.c: phase 8's server from outside: SIGTERM and SIGINT end it, idle or
 * busy, with one ring or several.
 *
 * Judges: echo. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echoing.h"

/* Only the client knows whether it has more to send. */
TEST(after_sigterm_connections_are_served_until_their_peers_end_them)
{
    daemon_start(&d, "echo", "--drain-ms", "3600000", NULL);
    int fd = daemon_connect(&d), fresh = daemon_connect(&d);
    char back[5];

    check_echo(fd, "hello");
    ck_assert(kill(d.pid, SIGTERM) == 0);
    daemon_await_refusal(&d);
    check_echo(fd, "still served");
    check_echo(fresh, "its first bytes");
    socket_send(fd, "bytes", 5);
    shutdown(fd, SHUT_WR);
    socket_receive(fd, back, 5);
    socket_expect_end(fd);
    close(fresh);
    ck_assert_int_eq(daemon_wait(&d), 0);
    close(fd);
}

TEST(after_drain_ms_what_was_received_is_returned_and_then_the_end)
{
    int fd;
    char back[5];

    daemon_start(&d, "echo", "--drain-ms", "300", NULL);
    fd = daemon_connect(&d);
    int silent = daemon_connect(&d);
    check_echo(fd, "hello");
    ck_assert(kill(d.pid, SIGTERM) == 0);
    daemon_await_refusal(&d);
    socket_send(fd, "bytes", 5);
    socket_receive(fd, back, 5);
    socket_expect_end(fd);
    socket_expect_end(silent);
    ck_assert_int_eq(daemon_wait(&d), 0);
    close(fd);
    close(silent);
}

/* The server does not run while they arrive, so all of them wait: connections
 * in the backlog, bytes in their sockets. */
TEST(what_arrived_before_sigterm_is_returned)
{
    static const char *const threads[] = {"1", "2"};
    char back[5];
    int fds[9];

    for (int i = 0; i < 2; i++) {
        daemon_start(&d, "echo", "--threads", threads[i], NULL);
        fds[0] = daemon_connect(&d);
        check_echo(fds[0], "hello");
        ck_assert(kill(d.pid, SIGSTOP) == 0);
        for (int k = 1; k < 9; k++)
            fds[k] = daemon_connect(&d);
        for (int k = 0; k < 9; k++) {
            socket_send(fds[k], "bytes", 5);
            shutdown(fds[k], SHUT_WR);
        }
        ck_assert(kill(d.pid, SIGTERM) == 0);
        ck_assert(kill(d.pid, SIGCONT) == 0);
        for (int k = 0; k < 9; k++) {
            socket_receive(fds[k], back, 5);
            ck_assert(memcmp(back, "bytes", 5) == 0);
            socket_expect_end(fds[k]);
            close(fds[k]);
        }
        ck_assert_int_eq(daemon_wait(&d), 0);
    }
}

/* It has said that it listens, but not every ring is ready to be stopped. */
TEST(sigterm_right_after_the_start_ends_the_server)
{
    for (int i = 0; i < 20; i++) {
        daemon_start(&d, "echo", "--threads", "4", NULL);
        daemon_stop(&d);
    }
}

TEST(sigint_ends_the_server_as_sigterm_does)
{
    daemon_start(&d, "echo", NULL);
    ck_assert(kill(d.pid, SIGINT) == 0);
    ck_assert_int_eq(daemon_wait(&d), 0);
}

/* nohup and a shell's "&" ignore signals for the program that they start. */
TEST(signals_that_are_ignored_at_the_start_stay_ignored)
{
    static const int numbers[] = {SIGINT, SIGUSR1, SIGTERM};

    for (int i = 0; i < 3; i++) {
        signal(numbers[i], SIG_IGN);
        daemon_start(&d, "echo", NULL);
        signal(numbers[i], SIG_DFL);
        int fd = daemon_connect(&d);

        check_echo(fd, "first");
        ck_assert(kill(d.pid, numbers[i]) == 0);
        check_echo(fd, "still served");
        int other = daemon_connect(&d);
        check_echo(other, "a new client is served");
        close(fd);
        close(other);
        ck_assert(kill(d.pid, numbers[i] == SIGTERM ? SIGINT : SIGTERM) == 0);
        ck_assert_int_eq(daemon_wait(&d), 0);
    }
}

TEST(after_sigterm_no_connection_is_accepted)
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

TEST(sigterm_closes_busy_connections_after_drain_ms)
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

/* Sends and receives until the server has enough. The bytes received by then
 * are a prefix of those that were sent. */
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

TEST(sigterm_under_load_ends_the_server_and_changes_no_byte)
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
        /* Not the 10 s that it waits without this option. */
        ck_assert_uint_lt(now_ns() - began, 10000000000u);
        for (int i = 0; i < 8; i++) {
            pthread_join(clients[i].thread, NULL);
            ck_assert(clients[i].is_right);
            close(clients[i].fd);
        }
    }
}

int main(void)
{
    const char *no_threads = daemon_why_no_option("echo", "--threads");
    const char *no_drain = daemon_why_no_option("echo", "--drain-ms");

    suite_begin("echo_end");
    suite_stage("interruptions");
    suite_add(sigint_ends_the_server_as_sigterm_does);
    suite_add_unless(
        no_drain,
        after_sigterm_connections_are_served_until_their_peers_end_them);
    suite_add_unless(
        no_drain,
        after_drain_ms_what_was_received_is_returned_and_then_the_end);
    suite_add_unless(either(no_threads, no_drain),
                     what_arrived_before_sigterm_is_returned);
    suite_add_unless(no_drain,
                     signals_that_are_ignored_at_the_start_stay_ignored);
    suite_add_unless(no_threads, sigterm_right_after_the_start_ends_the_server);
    suite_add_unless(no_drain, after_sigterm_no_connection_is_accepted);
    suite_add_unless(no_drain, sigterm_closes_busy_connections_after_drain_ms);
    suite_add_unless(no_drain,
                     a_second_sigterm_does_not_wait_for_busy_connections);
    suite_add_unless(either(no_threads, no_drain),
                     a_second_sigterm_reaches_every_ring);
    suite_add_unless(no_drain,
                     sigterm_under_load_ends_the_server_and_changes_no_byte);
    return suite_end();
}
