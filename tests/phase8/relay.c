/* relay.c: phase 8's relay from outside, between clients and a server of this
 * test: bytes, ends and resets are passed on, both ways.
 *
 * Judges: relay. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echoing.h"

/* The ways in which it moves bytes: one specification for all. */
static const char *const modes[] = {"--splice", "--pipe2", "--copy"};
#define EACH_MODE                                                             \
    for (const char *const *mode = modes; mode < modes + 3; mode++)

static int listener = -1;
static char target[64];

static void listen_here(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(bind(listener, (struct sockaddr *)&at, len) == 0);
    ck_assert(listen(listener, 64) == 0);
    ck_assert(getsockname(listener, (struct sockaddr *)&at, &len) == 0);
    snprintf(target, sizeof target, "127.0.0.1:%u", ntohs(at.sin_port));
}

/* "--splice" is no option: it is what the relay does without one. */
static void start(const char *mode)
{
    if (listener >= 0)
        close(listener); /* with what waits in its backlog */
    listen_here();
    daemon_start(&d, "relay", target,
                 strcmp(mode, "--splice") == 0 ? NULL : mode, NULL);
}

/* Connects a client through the relay. Sets *server to the other end. */
static int connect_through(int *server)
{
    struct timeval limit = {.tv_sec = DAEMON_DEADLINE_MS / 1000};
    int client = daemon_connect(&d);

    *server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    ck_assert(*server >= 0);
    setsockopt(*server, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(*server, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return client;
}

/* Sends from one end and receives at the other, both ways. */
static void check_echo_through(int client, int server)
{
    char back[4];

    socket_send(client, "ping", 4);
    socket_receive(server, back, 4);
    socket_send(server, "pong", 4);
    socket_receive(client, back, 4);
    ck_assert(memcmp(back, "pong", 4) == 0);
}

TEST(bytes_pass_both_ways_exactly)
{
    EACH_MODE {
        struct sender there, back;
        pthread_t threads[2];
        int client, server;

        start(*mode);
        client = connect_through(&server);
        there = (struct sender){client, 8 * MIB};
        back = (struct sender){server, 4 * MIB};
        ck_assert(pthread_create(&threads[0], NULL, send_pattern, &there) == 0);
        ck_assert(pthread_create(&threads[1], NULL, send_pattern, &back) == 0);
        check_pattern(client, 4 * MIB, 3000); /* and the end after it */
        check_pattern(server, 8 * MIB, 65536);
        pthread_join(threads[0], NULL);
        pthread_join(threads[1], NULL);
        close(client);
        close(server);
        daemon_stop(&d);
    }
}

TEST(the_end_of_one_way_leaves_the_other_way_open)
{
    EACH_MODE {
        int ends[2];
        char back[6];

        start(*mode);
        for (int first = 0; first < 2; first++) {
            ends[0] = connect_through(&ends[1]);
            socket_send(ends[first], "asked", 5);
            shutdown(ends[first], SHUT_WR);
            socket_receive(ends[!first], back, 5);
            socket_expect_end(ends[!first]);
            for (int i = 0; i < 3; i++) { /* the answer still passes */
                socket_send(ends[!first], "answer", 6);
                socket_receive(ends[first], back, 6);
                ck_assert(memcmp(back, "answer", 6) == 0);
            }
            close(ends[!first]);
            socket_expect_end(ends[first]);
            close(ends[first]);
        }
        daemon_stop(&d);
    }
}

TEST(a_reset_is_passed_on_both_ways)
{
    EACH_MODE {
        int fds, ends[2];
        char byte;

        start(*mode);
        fds = daemon_fd_count(&d);
        for (int first = 0; first < 2; first++) {
            ends[0] = connect_through(&ends[1]);
            socket_send(ends[0], "a", 1);
            socket_receive(ends[1], &byte, 1);
            reset(ends[first]);
            ck_assert_int_eq(recv(ends[!first], &byte, 1, 0), -1);
            ck_assert_int_eq(errno, ECONNRESET);
            close(ends[!first]);
        }
        daemon_await_fd_count(&d, fds);
        daemon_stop(&d);
    }
}

/* Also while that side is silent and the other one does not read. */
TEST(a_reset_ends_a_relay_that_cannot_send)
{
    EACH_MODE {
        int fds, server, client;

        start(*mode);
        fds = daemon_fd_count(&d);
        client = connect_through(&server);
        send_until_it_blocks(client);
        reset(server);
        socket_expect_reset(client);
        close(client);
        daemon_await_fd_count(&d, fds);
        daemon_stop(&d);
    }
}

TEST(a_server_that_does_not_read_costs_little_memory)
{
    EACH_MODE {
        int server, client, other, other_server;
        long before_kib;

        start(*mode);
        other = connect_through(&other_server);
        check_echo_through(other, other_server);
        before_kib = daemon_rss_kib(&d);
        client = connect_through(&server);
        send_until_it_blocks(client); /* it stops reading, so TCP stops us */
        ck_assert_int_le(daemon_rss_kib(&d) - before_kib, 512);
        check_echo_through(other, other_server);
        reset(client);
        close(server);
        close(other);
        close(other_server);
        daemon_stop(&d);
    }
}

TEST(a_client_of_a_server_that_is_not_there_is_reset)
{
    start("--splice");
    close(listener);
    int client = daemon_connect(&d);

    socket_expect_reset(client);
    close(client);
    daemon_stop(&d);
}

TEST(a_silent_connection_is_ended_after_idle_ms)
{
    listen_here();
    daemon_start(&d, "relay", target, "--idle-ms", "2000", NULL);
    int server, client = connect_through(&server);

    for (int i = 0; i < 6; i++) { /* one way is silent all the time */
        char byte;

        socket_send(client, "a", 1);
        socket_receive(server, &byte, 1);
        poll(NULL, 0, 400);
    }
    socket_expect_reset(client);
    socket_expect_reset(server);
    close(client);
    close(server);
    daemon_stop(&d);
}

TEST(many_clients_leave_nothing_behind)
{
    EACH_MODE {
        int fds;

        start(*mode);
        fds = daemon_fd_count(&d);
        for (int round = 0; round < 3; round++) {
            int clients[30], servers[30];

            for (int i = 0; i < 30; i++)
                clients[i] = connect_through(&servers[i]);
            for (int i = 0; i < 30; i++) {
                char back[4];

                socket_send(clients[i], "many", 4);
                close(clients[i]);
                socket_receive(servers[i], back, 4);
                socket_expect_end(servers[i]);
                close(servers[i]);
            }
        }
        daemon_await_fd_count(&d, fds);
        daemon_await_counter(&d, "connections", 0);
        daemon_stop(&d);
    }
}

TEST(sigterm_lets_connections_end)
{
    EACH_MODE {
        int server, client;
        char back[5];

        start(*mode);
        client = connect_through(&server);
        close(listener); /* or the clients that probe would wait there */
        listener = -1;
        socket_send(client, "first", 5);
        socket_receive(server, back, 5);
        ck_assert(kill(d.pid, SIGTERM) == 0);
        daemon_await_refusal(&d);
        socket_send(client, "later", 5);
        socket_receive(server, back, 5);
        close(client);
        socket_expect_end(server);
        close(server);
        ck_assert_int_eq(daemon_wait(&d), 0);
    }
}

int main(void)
{
    const char *none = daemon_why_no_option("relay", "--copy");

    suite_begin("relay");
    suite_add_unless(none, bytes_pass_both_ways_exactly);
    suite_add_unless(none, the_end_of_one_way_leaves_the_other_way_open);
    suite_add_unless(none, a_reset_is_passed_on_both_ways);
    suite_add_unless(none, a_reset_ends_a_relay_that_cannot_send);
    suite_add_unless(none, a_server_that_does_not_read_costs_little_memory);
    suite_add_unless(none, a_client_of_a_server_that_is_not_there_is_reset);
    suite_add_unless(none, a_silent_connection_is_ended_after_idle_ms);
    suite_add_unless(none, many_clients_leave_nothing_behind);
    suite_add_unless(none, sigterm_lets_connections_end);
    return suite_end();
}
