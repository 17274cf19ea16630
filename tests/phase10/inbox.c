/* inbox.c: the bytes of a connection, in order, whatever is asked of them. */
#include "inbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "with_loop.h"
#include "pool.h"
#include "await.h"
#include "client.h"
#include "random.h"
#include "suite.h"

#define TOTAL ((size_t)1 << 20)

static struct inbox inbox;
static struct stream stream;
static struct pair pair;

/* The peer: sends the pattern, in parts of any length. */
static void *send_all(void *arg)
{
    struct random random = random_begin();
    char *bytes = arg;

    for (size_t at = 0; at < TOTAL;) {
        size_t len = 1 + random_below(&random, random_below(&random, 9000) + 1);

        len = len < TOTAL - at ? len : TOTAL - at;
        socket_send(pair.there, bytes + at, len);
        at += len;
    }
    shutdown(pair.there, SHUT_WR);
    return NULL;
}

static char *make_pattern(void)
{
    char *bytes = malloc(TOTAL);
    int fd;

    site_make();
    site_pattern("pattern", TOTAL);
    fd = open(site_path("pattern"), O_RDONLY | O_CLOEXEC);
    check(bytes != NULL && read(fd, bytes, TOTAL) == (ssize_t)TOTAL);
    close(fd);
    site_remove();
    return bytes;
}

/* Takes all of it: looks at what is there, drops some of it, asks for more. The
 * shown bytes always continue the pattern after the last dropped byte. */
static void await_take_all(void)
{
    struct random random = random_begin();
    size_t done = 0, len;
    int rc = 1;

    while (rc > 0 || len > 0) {
        const char *bytes = inbox_bytes(&inbox, &len);
        size_t before = len;

        ck_assert((bytes == NULL) == (len == 0));
        if (!is_pattern(bytes, len, done))
            ck_abort_msg("wrong bytes at %zu", done);
        if (len > 0 && (random_below(&random, 2) || rc <= 0)) {
            size_t part = 1 + random_below(&random, len);

            inbox_drop(&inbox, part);
            done += part;
            continue;
        }
        if (rc <= 0)
            continue;
        rc = inbox_await_more(&inbox);
        bytes = inbox_bytes(&inbox, &len);
        if (rc == -ENOBUFS) { /* as much as can be */
            ck_assert_uint_eq(len, HTTP_HEAD_MAX);
            inbox_drop(&inbox, 1);
            done++;
            rc = 1;
        } else if (rc > 0 && len <= before) {
            ck_abort_msg("nothing was added to %zu", before);
        }
    }
    check_res(rc, 0);
    ck_assert_uint_eq(done, TOTAL);
}

/* Buffers for the stream, and whether somebody else holds them all. */
struct buffers {
    unsigned count;
    size_t len;
    bool are_gone;
};

/* Another connection, whose task does not take what has come for it. */
static struct stream greedy;
static struct pair other;

static void await_take_buffers_away(struct chunk *chunk)
{
    other = pair_open_tcp();
    stream_init(&greedy, other.here, &pool, pool.count);
    socket_send(other.there, "x", 1);
    check_res(stream_await_chunk(&greedy, chunk), 1);
    ck_assert_uint_eq(bufring_free_count(&pool), 0);
}

static int receive(void *arg)
{
    const struct buffers *buffers = arg;
    char *pattern = make_pattern();
    pthread_t thread;
    struct chunk chunk;

    check_res(bufring_init(&pool, &loop.ring, buffers->count, buffers->len,
                           GROUP), 0);
    pair = pair_open_tcp();
    stream_init(&stream, pair.here, &pool, 4);
    inbox_init(&inbox, &stream);
    if (buffers->are_gone)
        await_take_buffers_away(&chunk);
    check_res(pthread_create(&thread, NULL, send_all, pattern), 0);
    await_take_all();
    pthread_join(thread, NULL);
    inbox_finish(&inbox);
    stream_await_end(&stream);
    if (buffers->are_gone) {
        stream_release(&greedy, &chunk);
        stream_await_end(&greedy);
        close(other.here);
        close(other.there);
    }
    close(pair.here);
    close(pair.there);
    pool_close();
    free(pattern);
    return 0;
}

TEST(bytes_come_in_order_from_small_buffers)
{
    struct buffers buffers = {.count = 32, .len = 100};

    check_res(run(receive, &buffers), 0);
}

TEST(bytes_come_in_order_from_buffers_as_long_as_a_head)
{
    struct buffers buffers = {.count = 32, .len = HTTP_HEAD_MAX};

    check_res(run(receive, &buffers), 0);
}

TEST(bytes_come_in_order_from_one_buffer)
{
    struct buffers buffers = {.count = 1, .len = HTTP_HEAD_MAX};

    check_res(run(receive, &buffers), 0);
}

TEST(bytes_come_in_order_when_others_hold_all_buffers)
{
    struct buffers buffers = {
        .count = 1, .len = HTTP_HEAD_MAX, .are_gone = true};

    check_res(run(receive, &buffers), 0);
}

int main(void)
{
    suite_begin("inbox");
    suite_add(bytes_come_in_order_from_small_buffers);
    suite_add(bytes_come_in_order_from_buffers_as_long_as_a_head);
    suite_add(bytes_come_in_order_from_one_buffer);
    suite_add(bytes_come_in_order_when_others_hold_all_buffers);
    return suite_end();
}
