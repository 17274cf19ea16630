/* pool.h: a pool of receive buffers and pairs of sockets, for the unit tests of
 * phase 8.
 *
 * Test support. Needs: with_loop.h, bufring.h. */
#ifndef TESTS_POOL_H
#define TESTS_POOL_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "await.h"
#include "bufring.h"
#include "with_loop.h"

#define BUF_LEN 64u
#define GROUP 3

static struct bufring pool;

static inline void pool_open(unsigned count)
{
    check_ring(bufring_init(&pool, &loop.ring, count, BUF_LEN, GROUP));
}

/* Checks that all buffers were released. */
static inline void pool_close(void)
{
    ck_assert_uint_eq(bufring_free_count(&pool), pool.count);
    bufring_finish(&pool);
}

struct pair {
    int here;  /* the end that the ring receives from */
    int there; /* the peer's end, used with calls that do not block */
};

/* Returns a connected pair of Unix sockets. With SOCK_SEQPACKET, each receive
 * gets one message. */
static inline struct pair pair_open(int type)
{
    int fds[2];

    ck_assert(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) == 0);
    return (struct pair){.here = fds[0], .there = fds[1]};
}

/* Connects fd. After a signal, calls connect(2) again, because the kernel goes
 * on connecting. */
static inline void connect_fully(int fd, const struct sockaddr_in *address)
{
    int rc;

    do
        rc = connect(fd, (const struct sockaddr *)address, sizeof *address);
    while (rc != 0 && (errno == EINTR || errno == EALREADY));
    ck_assert(rc == 0 || errno == EISCONN);
}

/* Returns a connected pair of TCP sockets. Only TCP has resets, and its
 * multishot receives do not miss EOF. */
static inline struct pair pair_open_tcp(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pair pair;

    ck_assert(bind(listener, (struct sockaddr *)&address, len) == 0);
    ck_assert(listen(listener, 1) == 0);
    ck_assert(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    pair.there = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connect_fully(pair.there, &address);
    do
        pair.here = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    while (pair.here < 0 && errno == EINTR);
    ck_assert(pair.here >= 0);
    close(listener);
    return pair;
}

static inline void pair_close(struct pair *pair)
{
    close(pair->here);
    if (pair->there >= 0)
        close(pair->there);
}

static inline void pair_send(const struct pair *pair, const void *bytes,
                             size_t len)
{
    check_res(send(pair->there, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL), len);
}

/* Lets the loop run count iterations. Starts no operation for that. */
static inline void await_iterations(int count)
{
    for (int i = 0; i < count; i++)
        check_res(await_sleep_ns(1), 0);
}

#endif
