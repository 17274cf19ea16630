/* connect.c: connecting to a host with several addresses, some of which refuse
 * or do not answer. */
#include "connect.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "fds.h"
#include "pool.h"

#define MS UINT64_C(1000000)
#define FILLERS 8

static struct addresses to;
static int listeners[RESOLVE_MAX], fillers[FILLERS], filler_count;
static struct threadpool threads;

static struct net_address *add_address(void)
{
    struct net_address *address = &to.list[to.count++];

    check_res(net_parse(address, "127.0.0.1", 0), 0);
    return address;
}

/* An address where a server listens. */
static int add_listener(int backlog)
{
    struct net_address *address = add_address();
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert(bind(fd, (struct sockaddr *)&address->storage,
                   address->len) == 0);
    ck_assert(listen(fd, backlog) == 0);
    ck_assert(getsockname(fd, (struct sockaddr *)&address->storage,
                          &address->len) == 0);
    listeners[to.count - 1] = fd;
    return fd;
}

static void add_refusing(void)
{
    close(add_listener(1));
    listeners[to.count - 1] = -1;
}

/* An address that does not answer: its backlog is full, so the kernel drops
 * each further SYN. */
static void add_silent(void)
{
    struct net_address *address = &to.list[to.count];
    int rc = 0;

    add_listener(0);
    filler_count = 0;
    while (filler_count < FILLERS && rc == 0) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct pollfd ready = {.fd = fd, .events = POLLOUT};

        (void)connect(fd, (struct sockaddr *)&address->storage, address->len);
        rc = poll(&ready, 1, 500) == 1 ? 0 : -1;
        fillers[filler_count++] = fd;
    }
    check(rc < 0);
}

static int finish(void)
{
    for (unsigned i = 0; i < to.count; i++)
        if (listeners[i] >= 0)
            close(listeners[i]);
    for (int i = 0; i < filler_count; i++)
        close(fillers[i]);
    return 0;
}

/* Checks that fd is connected to the address of this index. */
static void check_connected(int fd, unsigned index)
{
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;

    ck_assert(getpeername(fd, (struct sockaddr *)&peer, &len) == 0);
    ck_assert_mem_eq(&peer, &to.list[index].storage, sizeof peer);
    check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static uint64_t connect_ms(int *fd)
{
    uint64_t began_ns;

    await_iterations(1); /* the loop's time is that of this iteration */
    began_ns = sys_now_ns();

    *fd = connect_await_first(&to);
    return (sys_now_ns() - began_ns) / MS;
}

TASK_TEST(the_first_address_that_answers_is_used)
{
    int fds, fd;

    add_listener(8);
    add_listener(8);
    fds = fds_open();
    fd = connect_await_first(&to);
    check_connected(fd, 0);
    ck_assert_int_eq(fds_open(), fds + 1);
    close(fd);
    return finish();
}

/* A busy machine may take the processor away, but not each time. */
TASK_TEST(after_a_refusal_the_next_address_is_tried_at_once)
{
    uint64_t ms = CONNECT_STAGGER_MS;
    int fd;

    add_refusing();
    add_refusing();
    add_listener(8);
    for (int i = 0; i < 10 && ms >= CONNECT_STAGGER_MS; i++) {
        ms = connect_ms(&fd);
        check_connected(fd, 2);
        close(fd);
    }
    ck_assert_uint_lt(ms, CONNECT_STAGGER_MS);
    return finish();
}

TASK_TEST(an_address_that_does_not_answer_delays_the_next_one_by_250_ms)
{
    int fds, fd;
    uint64_t ms;

    add_silent();
    add_listener(8);
    fds = fds_open();
    ms = connect_ms(&fd);
    check_connected(fd, 1);
    ck_assert_uint_ge(ms, CONNECT_STAGGER_MS - 1);
    ck_assert_int_eq(fds_open(), fds + 1); /* the other attempt is closed */
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    close(fd);
    return finish();
}

TASK_TEST(if_all_addresses_refuse_the_error_is_that_of_the_first)
{
    add_refusing();
    add_refusing();
    check_res(connect_await_first(&to), -ECONNREFUSED);
    return finish();
}

TASK_TEST(a_deadline_ends_all_attempts)
{
    int fds;

    add_silent();
    to.list[to.count] = to.list[0]; /* the same silent one, three times */
    listeners[to.count++] = -1;
    to.list[to.count] = to.list[0];
    listeners[to.count++] = -1;
    fds = fds_open();
    await_iterations(1);
    deadline_set_ns((CONNECT_STAGGER_MS + 50) * MS);
    check_res(connect_await_first(&to), -ETIME);
    deadline_clear();
    ck_assert_int_eq(fds_open(), fds);
    ck_assert_uint_eq(loop_in_flight(&loop), 0);
    return finish();
}

TASK_TEST(a_cancel_before_the_call_connects_to_nothing)
{
    int fds;

    add_listener(8);
    fds = fds_open();
    task_cancel(task_current());
    check_res(connect_await_first(&to), -ECANCELED);
    ck_assert_int_eq(fds_open(), fds);
    return finish();
}

TASK_TEST(a_client_exchanges_bytes_until_the_end)
{
    struct connection connection;
    struct chunk chunk;
    int listener = add_listener(8), peer;

    pool_open(8);
    check_res(connect_await_open(&connection, &to, &pool, 4), 0);
    peer = accept(listener, NULL, NULL);
    check_res(await_send_all(connection.fd, "ask", 3), 0);
    ck_assert_int_eq(send(peer, "answer", 6, 0), 6);
    check_res(stream_await_chunk(&connection.in, &chunk), 6);
    ck_assert_mem_eq(chunk.data, "answer", 6);
    stream_release(&connection.in, &chunk);
    close(peer);
    stream_await_chunk(&connection.in, &chunk);
    connect_await_close(&connection);
    pool_close();
    return finish();
}

TASK_TEST(a_numeric_host_needs_no_thread)
{
    check_res(resolve_await_host(NULL, "::1", 80, &to), 0);
    ck_assert_uint_eq(to.count, 1);
    ck_assert_int_eq(to.list[0].storage.ss_family, AF_INET6);
    check_res(resolve_await_host(NULL, "a.name", 80, &to), -EINVAL);
    check_res(resolve_await_host(NULL, "127.0.0.1", 65536, &to), -ERANGE);
    return 0;
}

/* The name of this machine is in /etc/hosts, or the C library knows it. */
TASK_TEST(a_name_is_looked_up_in_a_thread)
{
    static char longest[300], host[256];
    int rc;

    check_res(threadpool_init(&threads, 1), 0);
    check_res(gethostname(host, sizeof host), 0);
    rc = resolve_await_host(&threads, "ip6-localhost", 80, &to);
    if (rc < 0)
        rc = resolve_await_host(&threads, host, 80, &to);
    if (rc == 0) {
        struct sockaddr_in6 *v6 = (void *)&to.list[0].storage;
        struct sockaddr_in *v4 = (void *)&to.list[0].storage;

        check(to.count > 0);
        ck_assert_uint_eq(ntohs(to.list[0].storage.ss_family == AF_INET6
                                    ? v6->sin6_port
                                    : v4->sin_port), 80);
    }
    memset(longest, 'a', sizeof longest - 1);
    check_res(resolve_await_host(&threads, longest, 80, &to), -ENAMETOOLONG);
    check(resolve_await_host(&threads, "no name at all", 80, &to) < 0);
    threadpool_await_finish(&threads);
    return 0;
}

int main(void)
{
    const char *too_small = why_ring_is_too_small();

    suite_begin("connect");
    suite_add_unless(too_small, the_first_address_that_answers_is_used);
    suite_add(after_a_refusal_the_next_address_is_tried_at_once);
    suite_add(an_address_that_does_not_answer_delays_the_next_one_by_250_ms);
    suite_add(if_all_addresses_refuse_the_error_is_that_of_the_first);
    suite_add(a_deadline_ends_all_attempts);
    suite_add(a_cancel_before_the_call_connects_to_nothing);
    suite_add(a_client_exchanges_bytes_until_the_end);
    suite_add(a_numeric_host_needs_no_thread);
    suite_add(a_name_is_looked_up_in_a_thread);
    return suite_end();
}
