/* echo_udp.c: phase 8's server from outside, with --udp: every datagram comes
 * back to its sender.
 *
 * Judges: echo. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echoing.h"

#define CLIENTS 8

/* Returns a socket that is connected to the server. Its receives fail after the
 * deadline. */
static int open_client(void)
{
    struct timeval limit = {.tv_sec = DAEMON_DEADLINE_MS / 1000};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)d.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ck_assert(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static void check_datagram(int fd, const void *bytes, size_t len)
{
    static char back[65536];

    ck_assert_int_eq(send(fd, bytes, len, 0), (long)len);
    ck_assert_int_eq(recv(fd, back, sizeof back, 0), (long)len);
    ck_assert(memcmp(bytes, back, len) == 0);
}

TEST(datagrams_of_every_size_come_back)
{
    static const size_t sizes[] = {0, 1, 0, 1472, 1473, 16384, 65507};
    static unsigned char message[65507];

    for (size_t i = 0; i < sizeof message; i++)
        message[i] = byte_at(i);
    daemon_start(&d, "echo", "--udp", NULL);
    ck_assert(strncmp(d.address, "udp://127.0.0.1:", 16) == 0);
    int fd = open_client();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_datagram(fd, message, sizes[i]);
    ck_assert_int_eq(daemon_counter(&d, "truncated"), 0);
    ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
    close(fd);
    daemon_stop(&d);
}

TEST(each_client_gets_its_datagrams_from_any_ring)
{
    int fds[CLIENTS];

    daemon_start(&d, "echo", "--udp", "--threads", "3", NULL);
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = open_client();
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            int number = round * CLIENTS + i;

            check_datagram(fds[i], &number, sizeof number);
        }
    }
    ck_assert_int_eq(daemon_counter(&d, "datagrams"), 50 * CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    daemon_stop(&d);
}

/* Their answers come back as ICMP messages, which concern no other client. */
TEST(clients_that_are_gone_disturb_no_other)
{
    daemon_start(&d, "echo", "--udp", NULL);
    int fd = open_client();

    for (int i = 0; i < 200; i++) {
        int gone = open_client();

        ck_assert_int_eq(send(gone, "bye", 3, 0), 3);
        close(gone);
    }
    check_datagram(fd, "still served", 12);
    close(fd);
    daemon_stop(&d);
}

TEST(a_flood_of_datagrams_neither_spins_nor_leaks)
{
    static char part[1000];

    daemon_start(&d, "echo", "--udp", "--bufs", "4", NULL);
    int flood = open_client(), fd = open_client();

    ck_assert(kill(d.pid, SIGSTOP) == 0);
    for (int i = 0; i < 2000; i++) /* the kernel drops most of them */
        (void)send(flood, part, sizeof part, 0);
    ck_assert(kill(d.pid, SIGCONT) == 0);
    daemon_await_counter_at_least(&d, "datagrams", 20);
    check_datagram(fd, "still served", 12);
    daemon_await_counter(&d, "buffers_free", 4);
    daemon_await_idle(&d);
    close(flood);
    close(fd);
    daemon_stop(&d);
}

TEST(what_arrived_before_sigterm_may_be_answered_and_the_end_is_clean)
{
    for (int round = 0; round < 20; round++) {
        daemon_start(&d, "echo", "--udp", "--threads", "2", NULL);
        int fd = open_client();

        for (int i = 0; i < 50; i++)
            (void)send(fd, "text", 4, 0);
        ck_assert(kill(d.pid, SIGTERM) == 0);
        (void)kill(d.pid, SIGTERM); /* a second one changes nothing */
        ck_assert_int_eq(daemon_wait(&d), 0);
        close(fd);
    }
}

TEST(a_taken_udp_port_is_a_failure)
{
    static struct daemon other;
    static char port[8];

    daemon_start(&d, "echo", "--udp", "--threads", "2", NULL);
    snprintf(port, sizeof port, "%u", d.port);
    daemon_spawn(&other, "echo", "--udp", "--port", port, NULL);
    ck_assert_int_eq(daemon_wait(&other), 1);
    daemon_spawn(&other, "echo", "--udp", "--bind", "unix:/tmp/x", NULL);
    ck_assert_int_eq(daemon_wait(&other), 2);
    daemon_stop(&d);
}

int main(void)
{
    const char *no_udp = daemon_why_no_option("echo", "--udp");

    no_counters = daemon_why_no_counters("echo");
    suite_begin("echo_udp");
    suite_add_unless(either(no_udp, no_counters),
                     datagrams_of_every_size_come_back);
    suite_add_unless(either(no_udp, no_counters),
                     each_client_gets_its_datagrams_from_any_ring);
    suite_add_unless(no_udp, clients_that_are_gone_disturb_no_other);
    suite_add_unless(either(no_udp, no_counters),
                     a_flood_of_datagrams_neither_spins_nor_leaks);
    suite_add_unless(
        no_udp,
        what_arrived_before_sigterm_may_be_answered_and_the_end_is_clean);
    suite_add_unless(no_udp, a_taken_udp_port_is_a_failure);
    return suite_end();
}
