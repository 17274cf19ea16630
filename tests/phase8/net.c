/* net.c: addresses as text, and the reasons why listening at one fails. */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "await.h"
#include "fds.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)

/* One character more than fits: with "unix:" in front, 107 and 108. */
#define PATH_50 "12345678901234567890123456789012345678901234567890"
#define PATH_107 "/tmp/23" PATH_50 PATH_50

static_assert(sizeof((struct sockaddr_un *)0)->sun_path == 108, "unix(7)");

static const struct {
    const char *host;
    unsigned port;
    int result;
    const char *text; /* as net_format writes it */
} addresses[] = {
    {"127.0.0.1", 80, 0, "127.0.0.1:80"},
    {"0.0.0.0", 0, 0, "0.0.0.0:0"},
    {"255.255.255.255", 65535, 0, "255.255.255.255:65535"},
    {"::1", 8080, 0, "[::1]:8080"},
    {"::", 1, 0, "[::]:1"},
    {"2001:db8:0:0:0:0:0:1", 443, 0, "[2001:db8::1]:443"},
    {"::ffff:10.0.0.1", 1, 0, "[::ffff:10.0.0.1]:1"},
    {"unix:/run/x.sock", 0, 0, "unix:/run/x.sock"},
    {"unix:relative", 99999, 0, "unix:relative"}, /* it has no port */
    {"unix:" PATH_107, 0, 0, "unix:" PATH_107},
    {"unix:" PATH_107 "8", 0, -ENAMETOOLONG, NULL},
    {"unix:", 0, -EINVAL, NULL},
    {"127.0.0.1", 65536, -ERANGE, NULL},
    {"::1", 65536, -ERANGE, NULL},
    {"", 80, -EINVAL, NULL},
    {"localhost", 80, 0, "127.0.0.1:80"},
    {"[::1]", 8080, 0, "[::1]:8080"},
    {"[2001:db8::1]", 443, 0, "[2001:db8::1]:443"},
    {"fe80::1%lo", 80, 0, "[fe80::1%1]:80"},
    {"[fe80::1%lo]", 80, 0, "[fe80::1%1]:80"},
    {"fe80::1%1", 80, 0, "[fe80::1%1]:80"},
    {"fe80::1%4294967295", 80, -ENODEV, NULL},
    {"fe80::1%no-such", 80, -ENODEV, NULL},
    {"fe80::1%0", 80, -ENODEV, NULL},
    {"fe80::1%", 80, -EINVAL, NULL},
    {"fe80::1%1 ", 80, -ENODEV, NULL},
    {"127.0.0.1%lo", 80, -EINVAL, NULL},
    {"Localhost", 80, -EINVAL, NULL},
    {"localhost.", 80, -EINVAL, NULL},
    {"[127.0.0.1]", 80, -EINVAL, NULL},
    {"[localhost]", 80, -EINVAL, NULL},
    {"[::1", 80, -EINVAL, NULL},
    {"::1]", 80, -EINVAL, NULL},
    {"[::1]:80", 80, -EINVAL, NULL},
    {"[]", 80, -EINVAL, NULL},
    {"[", 80, -EINVAL, NULL},
    {"]", 80, -EINVAL, NULL},
    {"%lo", 80, -EINVAL, NULL},
    {"1111:2222:3333:4444:5555:6666:7777:8888%0123456789abcdef01234567", 1,
     -EINVAL, NULL},
    {"127.0.0.256", 80, -EINVAL, NULL},
    {"127.0.0", 80, -EINVAL, NULL},
    {"127.1", 80, -EINVAL, NULL},
    {"127.0.0.1 ", 80, -EINVAL, NULL},
    {" 127.0.0.1", 80, -EINVAL, NULL},
    {"0177.0.0.1", 80, -EINVAL, NULL},
    {":::1", 80, -EINVAL, NULL},
    {"*", 80, -EINVAL, NULL},
};

TEST(a_datagram_socket_is_bound_to_a_free_port_and_shares_it_on_request)
{
    struct net_address address, again;
    int first, second;

    check_res(net_parse(&address, "127.0.0.1", 0), 0);
    first = net_bind_datagram(&address, false);
    check(first >= 0);
    check(((struct sockaddr_in *)&address.storage)->sin_port != 0);
    again = address;
    check_res(net_bind_datagram(&again, false), -EADDRINUSE);
    check_res(net_bind_datagram(&again, true), -EADDRINUSE); /* not yet */
    check_res(net_share(first), 0);
    second = net_bind_datagram(&again, true);
    check(second >= 0);
    check_res(net_bind_datagram(&again, false), -EADDRINUSE);
    check(fcntl(first, F_GETFD) & FD_CLOEXEC);
    close(first);
    close(second);
    check_res(net_parse(&address, "unix:/tmp/x", 0), 0);
    check_res(net_bind_datagram(&address, false), -EAFNOSUPPORT);
    check_res(net_parse(&address, "192.0.2.1", 0), 0);
    check_res(net_bind_datagram(&address, false), -EADDRNOTAVAIL);
}

TEST(an_address_is_read_and_written_again)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct net_address address;
        char text[NET_TEXT_MAX];
        int rc = net_parse(&address, addresses[i].host, addresses[i].port);

        ck_assert_msg(rc == addresses[i].result, "'%s' port %u: %s",
                      addresses[i].host, addresses[i].port, err_name(rc));
        if (rc < 0)
            continue;
        net_format(&address, text);
        ck_assert_str_eq(text, addresses[i].text);
    }
}

TEST(the_longest_address_fits_its_text)
{
    check(sizeof "unix:" PATH_107 <= NET_TEXT_MAX);
    check(sizeof "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%4294967295]"
                 ":65535" <= NET_TEXT_MAX);
}

/* --- listening ----------------------------------------------------------- */

static struct net_address here(const char *host, unsigned port)
{
    struct net_address address;

    check_res(net_parse(&address, host, port), 0);
    return address;
}

static unsigned port_of(const struct net_address *address)
{
    const struct sockaddr_in *v4 = (const void *)&address->storage;

    return ntohs(v4->sin_port);
}

static int option_of(int fd, int level, int name)
{
    int value = 0;
    socklen_t len = sizeof value;

    ck_assert(getsockopt(fd, level, name, &value, &len) == 0);
    return value;
}

/* A client that connects to this address reaches this listener. */
static void check_reachable(const struct net_address *address, int listener)
{
    int family = address->storage.ss_family;
    int client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd;

    ck_assert_msg(connect(client, (const struct sockaddr *)&address->storage,
                          address->len) == 0,
                  "connect: %s", strerror(errno));
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    check(fd >= 0);
    if (family != AF_UNIX) /* inherited: responses are sent at once */
        ck_assert_int_eq(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    close(fd);
    close(client);
}

static int listen_anywhere(void *arg)
{
    struct net_address address = here(arg, 0);
    int fd = net_await_listen(&address, 16, false);

    check(fd >= 0);
    check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    check(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
    ck_assert_uint_ne(port_of(&address), 0);
    check_reachable(&address, fd);
    close(fd);
    return 0;
}

TEST(port_0_picks_a_free_port_and_reports_it)
{
    check_res(run(listen_anywhere, (void *)"127.0.0.1"), 0);
}

TEST(an_ipv6_address_is_listened_on)
{
    check_res(run(listen_anywhere, (void *)"::1"), 0);
}

static char path[64];

TASK_TEST(a_unix_socket_is_listened_on_at_its_path)
{
    struct net_address address;
    char host[80], text[NET_TEXT_MAX];
    int fd;

    snprintf(path, sizeof path, "/tmp/one-ring.%d.sock", (int)getpid());
    snprintf(host, sizeof host, "unix:%s", path);
    address = here(host, 0);
    fd = net_await_listen(&address, 16, false);
    check(fd >= 0);
    net_format(&address, text);
    ck_assert_str_eq(text, host);
    check_reachable(&address, fd);
    close(fd); /* the name outlives its socket, and can be bound again */
    ck_assert_int_eq(access(path, F_OK), 0);
    address = here(host, 0);
    fd = net_await_listen(&address, 16, false);
    check(fd >= 0);
    check_reachable(&address, fd);
    net_remove_name(&address);
    ck_assert_int_ne(access(path, F_OK), 0);
    close(fd);
    return 0;
}

TASK_TEST(an_address_that_stays_in_use_is_an_error_after_a_second)
{
    struct net_address first = here("127.0.0.1", 0), second;
    int fd = net_await_listen(&first, 16, false), fds;
    uint64_t began = loop_now_ns(), took;

    check(fd >= 0);
    second = first;
    fds = fds_open();
    check_res(net_await_listen(&second, 16, false), -EADDRINUSE);
    took = loop_now_ns() - began;
    check(took >= 900 * MS && took < 30000 * MS);
    ck_assert_int_eq(fds_open(), fds);
    close(fd);
    return 0;
}

static int listen_where_others_did(void *arg)
{
    struct net_address *address = arg;
    int fd = net_await_listen(address, 16, false);

    if (fd < 0)
        return fd;
    check_reachable(address, fd);
    close(fd);
    return 0;
}

/* Returns the result of a task that listens at an address which comes free
 * after 100 ms. Stores in *took_ns how long it took. */
static int await_free_address(uint64_t *took_ns)
{
    struct net_address first = here("127.0.0.1", 0), second;
    int fd = net_await_listen(&first, 16, false), rc;
    uint64_t began_ns = loop_now_ns();
    struct task late = {0};

    second = first;
    check_res(task_spawn(&late, "late", listen_where_others_did, &second), 0);
    check_res(await_sleep_ns(100 * MS), 0);
    check(late.state != TASK_ENDED || loop_now_ns() - began_ns > 900 * MS);
    close(fd);
    rc = task_join(&late);
    *took_ns = loop_now_ns() - began_ns;
    return rc;
}

/* As after a restart: the ring of the process before releases its socket late.
 * A busy machine may stop this process for the second. */
TASK_TEST(an_address_that_comes_free_within_a_second_is_waited_for)
{
    uint64_t took_ns;
    int rc = -EADDRINUSE;

    for (int i = 0; i < 10 && rc == -EADDRINUSE; i++) {
        rc = await_free_address(&took_ns);
        check(rc == 0 || took_ns > 900 * MS);
    }
    check_res(rc, 0);
    return 0;
}

TASK_TEST(listeners_share_an_address_once_the_first_one_allows_it)
{
    struct net_address address = here("127.0.0.1", 0), alone;
    int first = net_await_listen(&address, 16, false), second;

    deadline_set_ns(30 * MS);
    check_res(net_await_listen(&address, 16, true), -ETIME);
    check_res(net_share(first), 0);
    second = net_await_listen(&address, 16, true);
    check(first >= 0 && second >= 0 && first != second);
    deadline_set_ns(30 * MS); /* as another process begins */
    alone = address;
    check_res(net_await_listen(&alone, 16, false), -ETIME);
    close(first);
    check_reachable(&address, second);
    close(second);
    return 0;
}

/* The kernel spreads connections over both, also over the one that was shared
 * after it had begun to listen. */
TASK_TEST(connections_are_spread_over_listeners_that_share_an_address)
{
    struct net_address address = here("127.0.0.1", 0);
    int fds[2] = {net_await_listen(&address, 64, false), -1};
    int counts[2] = {0, 0};

    check_res(net_share(fds[0]), 0);
    fds[1] = net_await_listen(&address, 64, true);
    for (int i = 0; i < 60; i++) {
        int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert(connect(client, (struct sockaddr *)&address.storage,
                          address.len) == 0);
        close(client);
    }
    for (int i = 0; i < 2; i++) {
        ck_assert(fcntl(fds[i], F_SETFL, O_NONBLOCK) == 0);
        for (int fd; (fd = accept4(fds[i], NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
            counts[i]++;
            close(fd);
        }
        close(fds[i]);
    }
    ck_assert_int_eq(counts[0] + counts[1], 60);
    ck_assert_int_ge(counts[0], 5);
    ck_assert_int_ge(counts[1], 5);
    return 0;
}

/* 192.0.2.0/24 is for documentation: no machine has such an address. */
TASK_TEST(an_address_of_another_machine_is_refused)
{
    struct net_address address = here("192.0.2.1", 0);
    int fds = fds_open();

    check_res(net_await_listen(&address, 16, false), -EADDRNOTAVAIL);
    address = here("unix:/there/is/no/such/directory/x", 0);
    check_res(net_await_listen(&address, 16, false), -ENOENT);
    ck_assert_int_eq(fds_open(), fds);
    return 0;
}

TASK_TEST(without_a_descriptor_there_is_no_listener)
{
    struct net_address address = here("127.0.0.1", 0);
    struct rlimit limit;
    int next = dup(0);

    close(next);
    ck_assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = (rlim_t)next;
    ck_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    check_res(net_await_listen(&address, 16, false), -EMFILE);
    return 0;
}

/* Cancelled while it waits for the address, it leaves nothing behind. */
TASK_TEST(a_listener_that_need_not_wait_is_not_interrupted)
{
    struct net_address first = here("127.0.0.1", 0), second;
    int fd = net_await_listen(&first, 16, false), fds = fds_open();
    struct task late = {0};

    second = first;
    check_res(task_spawn(&late, "late", listen_where_others_did, &second), 0);
    task_cancel(&late);
    close(fd);
    ck_assert_int_eq(fds_open(), fds - 1);
    check_res(task_join(&late), 0); /* the address was free by then */
    return 0;
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
    suite_begin("net");
    suite_add(an_address_is_read_and_written_again);
    suite_add(
        a_datagram_socket_is_bound_to_a_free_port_and_shares_it_on_request);
    suite_add(the_longest_address_fits_its_text);
    suite_add(port_0_picks_a_free_port_and_reports_it);
    suite_add_unless(why_no_ipv6(), an_ipv6_address_is_listened_on);
    suite_add(a_unix_socket_is_listened_on_at_its_path);
    suite_add(an_address_that_stays_in_use_is_an_error_after_a_second);
    suite_add(an_address_that_comes_free_within_a_second_is_waited_for);
    suite_add(listeners_share_an_address_once_the_first_one_allows_it);
    suite_add(connections_are_spread_over_listeners_that_share_an_address);
    suite_add(an_address_of_another_machine_is_refused);
    suite_add(without_a_descriptor_there_is_no_listener);
    suite_add(a_listener_that_need_not_wait_is_not_interrupted);
    return suite_end();
}
