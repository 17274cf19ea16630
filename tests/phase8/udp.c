/* udp.c: datagrams: empty ones, long ones, refused ones, and those for which no
 * buffer is free. */
#include "udp.h"

#include <errno.h>
#include <string.h>

#include "pool.h"

#define MS UINT64_C(1000000)
#define PAYLOAD (BUF_LEN - UDP_OVERHEAD) /* that a buffer of the pool holds */

static struct udp udp;
static int here, there; /* bound to free ports */
static struct sockaddr_storage here_at, there_at;
static socklen_t at_len;

static int open_socket(int family, struct sockaddr_storage *at)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)at;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)at;
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memset(at, 0, sizeof *at);
    at->ss_family = (sa_family_t)family;
    if (family == AF_INET)
        v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        v6->sin6_addr = in6addr_loopback;
    at_len = family == AF_INET ? sizeof *v4 : sizeof *v6;
    ck_assert(bind(fd, (struct sockaddr *)at, at_len) == 0);
    ck_assert(getsockname(fd, (struct sockaddr *)at, &at_len) == 0);
    return fd;
}

static void open_family(int family, unsigned bufs, unsigned credit)
{
    pool_open(bufs);
    here = open_socket(family, &here_at);
    there = open_socket(family, &there_at);
    udp_init(&udp, here, &pool, credit);
}

static int await_closed(void)
{
    udp_await_end(&udp);
    check(!op_is_in_flight(&udp.in.op));
    close(here);
    close(there);
    pool_close();
    return 0;
}

/* From there to here. */
static void send_here(const void *bytes, size_t len)
{
    check_res(sendto(there, bytes, len, 0, (struct sockaddr *)&here_at, at_len),
              (long)len);
}

static void await_text(const char *text)
{
    struct datagram in;

    check_res(udp_await_datagram(&udp, &in), (long)strlen(text));
    ck_assert_uint_eq(in.full_len, strlen(text));
    ck_assert_mem_eq(in.data, text, in.len);
    udp_release(&udp, &in);
}

static int exchange(int family)
{
    struct datagram in;
    char back[8];

    open_family(family, 8, 4);
    send_here("hello", 5);
    check_res(udp_await_datagram(&udp, &in), 5);
    ck_assert_mem_eq(in.data, "hello", 5);
    ck_assert_uint_eq(in.chunk.len, UDP_OVERHEAD + 5); /* which is res */
    ck_assert_uint_eq(in.from_len, at_len);
    ck_assert_mem_eq(in.from, &there_at, at_len);
    check_res(udp_await_send(here, in.data, in.len, in.from, in.from_len), 0);
    udp_release(&udp, &in);
    check_res(recv(there, back, sizeof back, 0), 5);
    ck_assert_mem_eq(back, "hello", 5);
    return await_closed();
}

TASK_TEST(a_datagram_has_a_payload_and_a_sender)
{
    return exchange(AF_INET);
}

TASK_TEST(a_datagram_over_ipv6_has_a_payload_and_a_sender)
{
    return exchange(AF_INET6);
}

TASK_TEST(an_empty_datagram_is_a_datagram_and_not_an_end)
{
    struct datagram in;

    open_family(AF_INET, 8, 4);
    send_here("", 0);
    send_here("one", 3);
    send_here("", 0);
    for (int i = 0; i < 3; i++) {
        check_res(udp_await_datagram(&udp, &in), i == 1 ? 3 : 0);
        check(in.from != NULL);
        udp_release(&udp, &in);
    }
    send_here("on it goes", 10);
    await_text("on it goes");
    return await_closed();
}

TASK_TEST(a_datagram_longer_than_its_buffer_is_cut_and_reports_its_length)
{
    struct datagram in;
    char bytes[100];

    open_family(AF_INET, 8, 4);
    memset(bytes, 'x', sizeof bytes);
    send_here(bytes, sizeof bytes);
    send_here(bytes, PAYLOAD); /* this one fits exactly */
    check_res(udp_await_datagram(&udp, &in), PAYLOAD);
    ck_assert_uint_eq(in.full_len, sizeof bytes);
    ck_assert_mem_eq(in.data, bytes, PAYLOAD);
    udp_release(&udp, &in);
    check_res(udp_await_datagram(&udp, &in), PAYLOAD);
    ck_assert_uint_eq(in.full_len, PAYLOAD);
    ck_assert_uint_eq(udp.truncated, 1);
    udp_release(&udp, &in);
    return await_closed();
}

/* The address of a port at which no socket is. */
static void close_there(void)
{
    close(there);
    there = -1;
}

TASK_TEST(an_icmp_error_is_reported_once_to_a_connected_socket)
{
    struct datagram in;
    int reuse;

    open_family(AF_INET, 8, 4);
    ck_assert(connect(here, (struct sockaddr *)&there_at, at_len) == 0);
    close_there();
    check_res(udp_await_send(here, "lost", 4, NULL, 0), 0);
    deadline_set_ns(10000 * MS);
    check_res(udp_await_datagram(&udp, &in), -ECONNREFUSED);
    deadline_clear();
    reuse = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    there = reuse;
    ck_assert(bind(there, (struct sockaddr *)&there_at, at_len) == 0);
    send_here("there again", 11);
    await_text("there again");
    return await_closed();
}

TASK_TEST(an_icmp_error_may_come_with_the_next_send)
{
    open_family(AF_INET, 8, 4);
    ck_assert(connect(here, (struct sockaddr *)&there_at, at_len) == 0);
    close_there();
    check_res(udp_await_send(here, "lost", 4, NULL, 0), 0);
    check_res(udp_await_send(here, "not sent", 8, NULL, 0), -ECONNREFUSED);
    check_res(udp_await_send(here, "lost, too", 9, NULL, 0), 0);
    return await_closed();
}

TASK_TEST(an_icmp_error_does_not_disturb_a_socket_that_is_not_connected)
{
    struct sockaddr_storage gone;
    struct datagram in;

    open_family(AF_INET, 8, 4);
    close(open_socket(AF_INET, &gone));
    for (int i = 0; i < 3; i++)
        check_res(udp_await_send(here, "lost", 4, (struct sockaddr *)&gone,
                                 at_len), 0);
    send_here("from another", 12);
    await_text("from another");
    deadline_set_ns(1 * MS);
    check_res(udp_await_datagram(&udp, &in), -ETIME);
    return await_closed();
}

TASK_TEST(without_a_buffer_datagrams_wait_in_the_socket)
{
    struct datagram held[2], in;
    uint64_t sqes;

    open_family(AF_INET, 2, 8);
    send_here("1", 1);
    send_here("2", 1);
    for (int i = 0; i < 2; i++)
        check_res(udp_await_datagram(&udp, &held[i]), 1);
    send_here("3", 1);
    send_here("4", 1);
    deadline_set_ns(5 * MS);
    check_res(udp_await_datagram(&udp, &in), -ETIME);
    sqes = loop.ring.counters.sqes;
    deadline_set_ns(20 * MS);
    check_res(udp_await_datagram(&udp, &in), -ETIME);
    ck_assert_uint_le(loop.ring.counters.sqes - sqes, 1); /* no retries */
    udp_release(&udp, &held[1]);
    await_text("3");
    udp_release(&udp, &held[0]);
    await_text("4");
    send_here("5", 1);
    await_text("5");
    return await_closed();
}

TASK_TEST(what_does_not_fit_into_the_socket_is_dropped_without_an_error)
{
    static char bytes[PAYLOAD];
    struct datagram held[2];
    int room = 4096, count = 0;

    open_family(AF_INET, 2, 8);
    ck_assert(setsockopt(here, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) == 0);
    send_here("1", 1);
    send_here("2", 1);
    for (int i = 0; i < 2; i++)
        check_res(udp_await_datagram(&udp, &held[i]), 1);
    for (int i = 0; i < 1000; i++)
        send_here(bytes, sizeof bytes);
    for (int i = 0; i < 2; i++)
        udp_release(&udp, &held[i]);
    deadline_set_ns(50 * MS);
    while (udp_await_datagram(&udp, &held[0]) >= 0) {
        udp_release(&udp, &held[0]);
        count++;
    }
    ck_assert_int_gt(count, 0);
    ck_assert_int_lt(count, 1000);
    return await_closed();
}

TASK_TEST(at_its_credit_an_endpoint_leaves_datagrams_in_the_socket)
{
    struct datagram in;

    open_family(AF_INET, 256, 4);
    send_here("0", 1);
    await_text("0");
    for (int i = 1; i < 200; i++)
        send_here(&i, sizeof i);
    await_iterations(5);
    /* The kernel brings up to 32 before it handles the cancel. */
    ck_assert_uint_le(udp.in.held, 4 + 32);
    for (int i = 1; i < 200; i++) {
        check_res(udp_await_datagram(&udp, &in), sizeof i);
        ck_assert_mem_eq(in.data, &i, sizeof i);
        udp_release(&udp, &in);
    }
    return await_closed();
}

TASK_TEST(an_interruption_of_an_endpoint_loses_no_datagram)
{
    struct datagram in;

    open_family(AF_INET, 8, 4);
    for (int i = 0; i < 3; i++) {
        task_cancel(task_current());
        check_res(udp_await_datagram(&udp, &in), -ECANCELED);
        deadline_set_ns(1 * MS);
        check_res(udp_await_datagram(&udp, &in), -ETIME);
        send_here("kept", 4);
        await_text("kept");
    }
    return await_closed();
}

TASK_TEST(an_endpoint_that_ends_releases_what_is_queued)
{
    struct datagram in;

    open_family(AF_INET, 8, 4);
    deadline_set_ns(1);
    check_res(udp_await_datagram(&udp, &in), -ETIME);
    check(op_is_in_flight(&udp.in.op));
    for (int i = 0; i < 3; i++)
        send_here("unread", 6);
    await_iterations(3);
    return await_closed();
}

TASK_TEST(a_datagram_that_is_too_long_is_not_sent)
{
    static char bytes[65536];
    static struct datagram in;

    open_family(AF_INET, 8, 4);
    bufring_finish(&pool);
    check_ring(bufring_init(&pool, &loop.ring, 2, UDP_BUF_LEN, GROUP));
    check_res(udp_await_send(here, bytes, 65508, (struct sockaddr *)&there_at,
                             at_len), -EMSGSIZE);
    send_here(bytes, 65507); /* the longest, and it is received whole */
    check_res(udp_await_datagram(&udp, &in), 65507);
    ck_assert_uint_eq(udp.truncated, 0);
    udp_release(&udp, &in);
    return await_closed();
}

static const char *why_no_ipv6(void)
{
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6,
                                    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    int rc = bind(fd, (struct sockaddr *)&loopback, sizeof loopback);

    close(fd);
    return rc == 0 ? NULL : "this machine has no ::1";
}

int main(void)
{
    suite_begin("udp");
    suite_add(a_datagram_has_a_payload_and_a_sender);
    suite_add_unless(why_no_ipv6(),
                     a_datagram_over_ipv6_has_a_payload_and_a_sender);
    suite_add(an_empty_datagram_is_a_datagram_and_not_an_end);
    suite_add(a_datagram_longer_than_its_buffer_is_cut_and_reports_its_length);
    suite_add(an_icmp_error_is_reported_once_to_a_connected_socket);
    suite_add(an_icmp_error_may_come_with_the_next_send);
    suite_add(an_icmp_error_does_not_disturb_a_socket_that_is_not_connected);
    suite_add(without_a_buffer_datagrams_wait_in_the_socket);
    suite_add(what_does_not_fit_into_the_socket_is_dropped_without_an_error);
    suite_add_unless(
        getenv("RING_PLAIN") != NULL
            ? "a plain ring brings all datagrams before the cancel"
            : NULL,
        at_its_credit_an_endpoint_leaves_datagrams_in_the_socket);
    suite_add(an_interruption_of_an_endpoint_loses_no_datagram);
    suite_add(an_endpoint_that_ends_releases_what_is_queued);
    suite_add(a_datagram_that_is_too_long_is_not_sent);
    return suite_end();
}
