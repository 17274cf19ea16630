/* echo_addresses.c: phase 8's server from outside: the addresses that it
 * serves, and how several rings share one.
 *
 * Judges: echo. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "echoing.h"

TEST(ipv6_clients_are_served)
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
TEST(a_server_can_be_restarted_at_its_port)
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
    suite_add_unless(either(no_bind, no_threads),
                     a_unix_socket_is_served_and_its_name_removed_at_the_end);
    suite_add_unless(either(no_bind, no_threads),
                     several_rings_share_one_unix_socket);
    suite_add_unless(no_threads, several_rings_share_one_port);
    return suite_end();
}
