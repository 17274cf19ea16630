/* echo_addresses.c: phase 8's server from outside: the addresses that it
 * serves, and how several rings share one.
 *
 * Judges: echo. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "echoing.h"

TEST(ipv6_clients_are_served)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    for (int i = 0; i < 2; i++) {
        daemon_start(&d, "echo", "--bind", i == 0 ? "::1" : "[::1]", NULL);
        ck_assert(strncmp(d.address, "tcp://[::1]:", 12) == 0);
        address.sin6_port = htons((uint16_t)d.port);
        int fd = socket_connect((struct sockaddr *)&address, sizeof address);
        check_echo(fd, "over IPv6");
        close(fd);
        daemon_stop(&d);
    }
}

TEST(localhost_means_127_0_0_1)
{
    daemon_start(&d, "echo", "--bind", "localhost", NULL);
    ck_assert(strncmp(d.address, "tcp://127.0.0.1:", 16) == 0);
    int fd = daemon_connect(&d);
    check_echo(fd, "hello");
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

/* The kernel spreads the clients by a hash, and knows no limit. */
TEST(clients_of_a_full_ring_are_served_by_rings_with_room)
{
    int fds[12], late;
    char back[4];

    for (int round = 0; round < 6; round++) {
        daemon_start(&d, "echo", "--threads", "3", "--max-conns", "4", NULL);
        for (int i = 0; i < 12; i++)
            fds[i] = daemon_connect(&d);
        for (int i = 0; i < 12; i++)
            check_echo(fds[i], "there is a place for each");
        late = daemon_connect(&d);
        socket_send(late, "late", 4);
        ck_assert_int_eq(poll(&(struct pollfd){late, POLLIN, 0}, 1, 50), 0);
        close(fds[round * 2]); /* of whichever ring */
        socket_receive(late, back, 4);
        for (int i = 0; i < 12; i++)
            if (i != round * 2)
                close(fds[i]);
        close(late);
        daemon_stop(&d);
    }
}

/* Returns the exit code of a server that cannot start here. */
static int start_fails(struct daemon *daemon, const char *bind,
                       const char *port, const char *threads)
{
    daemon_spawn(daemon, "echo", "--bind", bind, "--port", port, "--threads",
                 threads, NULL);
    return daemon_wait(daemon);
}

TEST(two_servers_do_not_share_a_port_whatever_their_threads_are)
{
    static const char *const threads[] = {"1", "2"};
    static struct daemon other;
    static char port[8];

    for (int i = 0; i < 4; i++) {
        daemon_start(&d, "echo", "--threads", threads[i / 2], NULL);
        snprintf(port, sizeof port, "%u", d.port);
        ck_assert_int_eq(start_fails(&other, "127.0.0.1", port,
                                     threads[i % 2]), 1);
        daemon_stop(&d);
    }
}

TEST(a_killed_server_leaves_a_name_that_the_next_one_takes_over)
{
    for (int i = 0; i < 3; i++) {
        start_at_path(i % 2 == 0 ? "1" : "2");
        int fd = connect_to_path();

        check_echo(fd, "hello");
        close(fd);
        ck_assert(kill(d.pid, SIGKILL) == 0);
        ck_assert_int_eq(daemon_wait(&d), 128 + SIGKILL);
        ck_assert(access(unix_address.sun_path, F_OK) == 0);
    }
    start_at_path("1");
    daemon_stop(&d);
    ck_assert(access(unix_address.sun_path, F_OK) != 0);
}

TEST(a_server_that_listens_keeps_its_name)
{
    static struct daemon other;

    start_at_path("2");
    ck_assert_int_eq(start_fails(&other, d.address, "0", "1"), 1);
    int fd = connect_to_path();
    check_echo(fd, "still served");
    close(fd);
    if (no_counters == NULL) /* the other one did not connect to it */
        ck_assert_int_eq(daemon_counter(&d, "accepted"), 1);
    daemon_stop(&d);
}

TEST(a_server_that_stops_does_not_remove_the_name_of_its_successor)
{
    static struct daemon old;

    for (int i = 1; i <= 2; i++) {
        start_at_path(i == 1 ? "1" : "2");
        old = d;
        ck_assert(unlink(unix_address.sun_path) == 0);
        start_at_path("1");
        daemon_stop(&old);
        int fd = connect_to_path();
        check_echo(fd, "the successor");
        close(fd);
        daemon_stop(&d);
        ck_assert(access(unix_address.sun_path, F_OK) != 0);
    }
}

TEST(mode_sets_the_permissions_of_the_unix_socket)
{
    static char bind[120];
    struct stat found;

    snprintf(bind, sizeof bind, "unix:/tmp/one-ring.%d.mode", (int)getpid());
    umask(077);
    daemon_start(&d, "echo", "--bind", bind, "--mode", "0666", NULL);
    ck_assert(stat(bind + 5, &found) == 0);
    ck_assert_uint_eq(found.st_mode & 07777, 0666);
    daemon_stop(&d);
}

/* A ring releases its sockets a little after its process has ended. */
TEST(a_server_can_be_restarted_at_its_port)
{
    static char port[8];

    daemon_start(&d, "echo", NULL);
    snprintf(port, sizeof port, "%u", d.port);
    for (int i = 0; i < 5; i++) {
        int fd = daemon_connect(&d);

        check_echo(fd, "hello");
        ck_assert(kill(d.pid, SIGTERM) == 0);
        daemon_await_refusal(&d);
        shutdown(fd, SHUT_WR); /* a connection waits in TIME_WAIT */
        socket_expect_end(fd);
        ck_assert_int_eq(daemon_wait(&d), 0);
        close(fd);
        daemon_start(&d, "echo", "--port", port, NULL);
    }
    daemon_stop(&d);
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

int main(void)
{
    const char *no_bind = daemon_why_no_option("echo", "--bind");
    const char *no_threads = daemon_why_no_option("echo", "--threads");

    no_counters = daemon_why_no_counters("echo");
    suite_begin("echo_addresses");
    suite_add(a_server_can_be_restarted_at_its_port);
    suite_add_unless(either(no_bind, why_no_ipv6()), ipv6_clients_are_served);
    suite_add_unless(no_bind, localhost_means_127_0_0_1);
    suite_add_unless(either(no_bind, no_threads),
                     a_unix_socket_is_served_and_its_name_removed_at_the_end);
    suite_add_unless(either(no_bind, no_threads),
                     several_rings_share_one_unix_socket);
    suite_add_unless(no_threads, several_rings_share_one_port);
    suite_add_unless(either(no_threads,
                            daemon_why_no_option("echo", "--max-conns")),
                     clients_of_a_full_ring_are_served_by_rings_with_room);
    suite_add_unless(
        either(no_bind, no_threads),
        two_servers_do_not_share_a_port_whatever_their_threads_are);
    suite_add_unless(
        either(no_bind, no_threads),
        a_killed_server_leaves_a_name_that_the_next_one_takes_over);
    suite_add_unless(either(no_bind, no_threads),
                     a_server_that_listens_keeps_its_name);
    suite_add_unless(
        either(no_bind, no_threads),
        a_server_that_stops_does_not_remove_the_name_of_its_successor);
    suite_add_unless(daemon_why_no_option("echo", "--mode"),
                     mode_sets_the_permissions_of_the_unix_socket);
    return suite_end();
}
