/* echoing.h: the echo server under test, and clients that check what it sends.
 *
 * Test support of phase 8. Needs: daemon.h, suite.h.
 *
 * BIN is the directory of the program: a learner's own, perhaps. What every
 * echo server owes its clients is checked of any program. The options and the
 * counters that only ours has are checked where a program has them; otherwise
 * the test is skipped, with the reason. */
#ifndef TESTS_PHASE8_ECHOING_H
#define TESTS_PHASE8_ECHOING_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "suite.h"

#define MIB ((size_t)1 << 20)

static struct daemon d;
static const char *no_counters; /* why; NULL where they are printed */

/* Bytes that differ at every offset, so that a lost or doubled part shows. */
static inline unsigned char byte_at(size_t offset)
{
    return (unsigned char)(offset ^ offset >> 8 ^ offset >> 16);
}

static inline void check_echo(int fd, const char *text)
{
    char back[64];
    size_t len = strlen(text);

    socket_send(fd, text, len);
    socket_receive(fd, back, len);
    ck_assert(memcmp(back, text, len) == 0);
}

/* Starts it. Returns how many fds it has when it has settled and nobody is
 * connected. */
static inline int start_counted(void)
{
    int fd, count;

    daemon_start(&d, "echo", NULL);
    fd = daemon_connect(&d);
    check_echo(fd, "the first");
    count = daemon_fd_count(&d) - 1;
    close(fd);
    daemon_await_fd_count(&d, count);
    return count;
}

/* All clients have gone: nothing of them is left in the server, which has as
 * many fds as it had. */
static inline void check_quiet(int fds)
{
    daemon_await_fd_count(&d, fds);
    if (no_counters != NULL)
        return;
    daemon_await_counter(&d, "connections", 0);
    ck_assert_int_eq(daemon_counter(&d, "stale_completions"), 0);
    ck_assert_int_eq(daemon_counter(&d, "buffers_free"), 256);
}

static inline uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct sender {
    int fd;
    size_t len;
};

static inline void *send_pattern(void *arg)
{
    const struct sender *sender = arg;
    static _Thread_local unsigned char part[8192];

    for (size_t at = 0; at < sender->len; at += sizeof part) {
        for (size_t i = 0; i < sizeof part; i++)
            part[i] = byte_at(at + i);
        socket_send(sender->fd, part, sizeof part);
    }
    shutdown(sender->fd, SHUT_WR);
    return NULL;
}

static inline void check_pattern(int fd, size_t len, size_t part_len)
{
    static _Thread_local unsigned char part[65536];
    size_t at = 0;

    while (at < len) {
        ssize_t got = recv(fd, part, part_len, 0);

        ck_assert_msg(got > 0, "%zu of %zu bytes came back: %s", at, len,
                      got == 0 ? "the end" : strerror(errno));
        for (ssize_t i = 0; i < got; i++, at++)
            if (part[i] != byte_at(at)) /* an assertion each would be slow */
                ck_abort_msg("byte %zu is wrong", at);
    }
    socket_expect_end(fd);
}

/* Fills the path to the server and back until it takes no more. */
static inline size_t send_until_it_blocks(int fd)
{
    static char part[65536];
    size_t total = 0;
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    while (daemon_makes_ready(&d, &ready, 1)) {
        ssize_t sent = send(fd, part, sizeof part,
                            MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            break;
        total += sent > 0 ? (size_t)sent : 0;
        ck_assert_msg(total < 256 * MIB, "it takes without end");
    }
    return total;
}

static inline void reset(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

struct client {
    pthread_t thread;
    int fd;
    size_t got;
    bool is_right;
};

static inline const char *either(const char *reason, const char *other)
{
    return reason != NULL ? reason : other;
}

#endif
