/* transfers.h: transfers to a peer that is a thread, in a loop with a pool of
 * buffers.
 *
 * Test support of phase 10. Needs: client.h, with_loop.h, transfer.h. */
#ifndef TESTS_PHASE10_TRANSFERS_H
#define TESTS_PHASE10_TRANSFERS_H

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "fds.h"
#include "suite.h"
#include "transfer.h"
#include "with_loop.h"

#define countof(array) (sizeof array / sizeof *array)
#define QUIET_MS 20000u
#define HEAD_TEXT "HTTP/1.1 200 OK\r\n\r\n"
#define HEAD_LEN (sizeof HEAD_TEXT - 1)
#define BIG ((size_t)3 << 20)

static struct transfer_pool pool;
static int ends[2]; /* ours, which sends, and the peer's */

/* A pair whose buffers hold little: a few segments of some kilobytes. */
static inline void connect_pair(void)
{
    int len = 8192;

    check_res(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    check_res(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &len, sizeof len), 0);
}

static inline void in_pool(task_fn *body)
{
    int before = fds_open();

    site_make();
    site_pattern("big", BIG);
    check_res(run(body, NULL), 0);
    site_remove();
    ck_assert_int_eq(fds_open(), before);
}

static inline void begin(void)
{
    check_res(transfer_pool_init(&pool), 0);
    connect_pair();
}

static inline int end(void)
{
    ck_assert_uint_eq(pool.slots.free_count, TRANSFER_BUFS);
    transfer_pool_finish(&pool);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static inline struct transfer transfer_of(const char *name, uint64_t offset,
                                          uint64_t len)
{
    struct transfer transfer = {
        .head = view_of(HEAD_TEXT),
        .file = openat(site_fd(), name, O_RDONLY | O_CLOEXEC),
        .offset = offset,
        .len = len,
    };

    check(transfer.file >= 0);
    return transfer;
}

/* The peer: a thread that reads len bytes, at most step at a time. */
struct peer {
    pthread_t thread;
    size_t len, step;
    char *bytes;
};

static inline void *take_all(void *arg)
{
    struct peer *peer = arg;
    size_t have = 0;

    while (have < peer->len) {
        size_t want = peer->len - have;
        ssize_t got = recv(ends[1], peer->bytes + have,
                           want < peer->step ? want : peer->step, 0);

        if (got <= 0)
            break;
        have += (size_t)got;
    }
    peer->len = have;
    return NULL;
}

static inline void peer_start(struct peer *peer, size_t len, size_t step)
{
    *peer = (struct peer){.len = len, .step = step, .bytes = malloc(len + 1)};
    check(peer->bytes != NULL);
    check_res(pthread_create(&peer->thread, NULL, take_all, peer), 0);
}

/* Waits for it, and compares what it got with the head and part of "big". */
static inline void peer_check(struct peer *peer, size_t offset, size_t len)
{
    pthread_join(peer->thread, NULL);
    ck_assert_uint_eq(peer->len, HEAD_LEN + len);
    check(memcmp(peer->bytes, HEAD_TEXT, HEAD_LEN) == 0);
    ck_assert_msg(is_pattern(peer->bytes + HEAD_LEN, len, offset),
                  "%zu bytes from %zu, but others", len, offset);
    free(peer->bytes);
}

static inline void await_check_part(uint64_t offset, uint64_t len, size_t step)
{
    struct transfer transfer = transfer_of("big", offset, len);
    struct peer peer;

    peer_start(&peer, HEAD_LEN + len, step);
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS), 0);
    ck_assert_uint_eq(transfer.len, 0);
    ck_assert_uint_eq(transfer.head.len, 0);
    ck_assert_uint_eq(transfer.offset, offset + len);
    peer_check(&peer, offset, len);
    close(transfer.file);
}

#endif
