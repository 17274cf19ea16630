/* linger.c: after the last answer, the server reads and drops the peer's bytes,
 * up to a limit. */
#include "linger.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "with_loop.h"
#include "pool.h"
#include "await.h"
#include "client.h"
#include "suite.h"

static struct inbox inbox;
static struct stream stream;
static struct pair pair;

/* The plan of the peer: it sends `count` parts of `len` bytes, each after a
 * pause, and then closes or not. Stops if the connection is gone. */
struct peer {
    int count, pause_ms;
    size_t len;
    bool closes;
    struct linger_limits limits;
    long took_ms;  /* the lingering */
    bool saw_end;  /* the peer found the end of input before it sent */
    bool was_reset;
};

static void *be_peer(void *arg)
{
    static char bytes[1 << 20];
    struct peer *peer = arg;
    struct pollfd end = {.fd = pair.there, .events = POLLIN};
    char byte;

    peer->saw_end = poll(&end, 1, 30000) == 1 &&
                    recv(pair.there, &byte, 1, 0) == 0;
    for (int i = 0; i < peer->count && !peer->was_reset; i++) {
        (void)poll(NULL, 0, peer->pause_ms);
        for (size_t at = 0; at < peer->len && !peer->was_reset;) {
            ssize_t sent =
                send(pair.there, bytes, peer->len - at, MSG_NOSIGNAL);

            peer->was_reset = sent < 0;
            at += sent > 0 ? (size_t)sent : 0;
        }
    }
    if (peer->closes)
        shutdown(pair.there, SHUT_WR);
    return NULL;
}

static int linger(void *arg)
{
    struct peer *peer = arg;
    pthread_t thread;
    uint64_t start_ns;

    check_res(bufring_init(&pool, &loop.ring, 16, HTTP_HEAD_MAX, GROUP), 0);
    pair = pair_open_tcp();
    stream_init(&stream, pair.here, &pool, 4);
    inbox_init(&inbox, &stream);
    check_res(pthread_create(&thread, NULL, be_peer, peer), 0);
    start_ns = loop_now_ns();
    linger_await_end(&inbox, &peer->limits);
    peer->took_ms = (long)((loop_now_ns() - start_ns) / 1000000);
    deadline_clear();
    inbox_finish(&inbox);
    stream_await_end(&stream);
    close(pair.here); /* a reset, if the peer still sends */
    pthread_join(thread, NULL);
    close(pair.there);
    pool_close();
    return 0;
}

/* Limits that no test reaches unless it lowers them. */
#define FAR {.silence_ms = 60000, .total_ms = 60000, .bytes_per_s = 1 << 30}

TEST(the_peer_sees_the_end_while_the_server_still_reads)
{
    struct peer peer = {.count = 3, .len = 1, .closes = true, .limits = FAR};

    check_res(run(linger, &peer), 0);
    check(peer.saw_end && !peer.was_reset);
    ck_assert_int_lt(peer.took_ms, 30000);
}

TEST(all_that_a_peer_sends_before_it_closes_is_read)
{
    struct peer peer = {.count = 50, .len = 1 << 20, .closes = true,
                        .limits = FAR};

    check_res(run(linger, &peer), 0);
    check(!peer.was_reset);
    ck_assert_int_lt(peer.took_ms, 60000);
}

TEST(a_silent_peer_is_left_after_silence_ms)
{
    struct peer peer = {.limits = FAR};

    peer.limits.silence_ms = 200;
    check_res(run(linger, &peer), 0);
    ck_assert_int_ge(peer.took_ms, 200);
    ck_assert_int_lt(peer.took_ms, 30000);
}

/* The silence begins again with each byte. */
TEST(a_peer_that_sends_is_not_silent)
{
    struct peer peer = {.count = 8, .pause_ms = 400, .len = 1, .closes = true,
                        .limits = FAR};

    peer.limits.silence_ms = 3000; /* the pauses are 3200 in all */
    check_res(run(linger, &peer), 0);
    ck_assert_int_ge(peer.took_ms, 3200);
    check(!peer.was_reset);
}

TEST(a_peer_that_sends_without_end_is_left_after_total_ms)
{
    struct peer peer = {.count = 1000, .pause_ms = 20, .len = 1,
                        .limits = FAR};

    peer.limits.total_ms = 300;
    check_res(run(linger, &peer), 0);
    ck_assert_int_ge(peer.took_ms, 300);
    ck_assert_int_lt(peer.took_ms, 15000);
    check(peer.was_reset);
}

/* Reading 1 MiB at 2 MiB per second takes half a second. */
TEST(input_is_dropped_no_faster_than_the_rate)
{
    struct peer peer = {.count = 1, .len = 1 << 20, .closes = true,
                        .limits = FAR};

    peer.limits.bytes_per_s = 2 << 20;
    check_res(run(linger, &peer), 0);
    ck_assert_int_ge(peer.took_ms, 450);
    ck_assert_int_lt(peer.took_ms, 30000);
    check(!peer.was_reset);
}

/* The pauses of a slow rate are not silence of the peer, and do not prolong the
 * total time. */
TEST(a_rate_far_below_the_peers_ends_after_total_ms)
{
    struct peer peer = {.count = 100, .len = 1 << 20, .limits = FAR};

    peer.limits.bytes_per_s = 1000;
    peer.limits.silence_ms = 100;
    peer.limits.total_ms = 500;
    check_res(run(linger, &peer), 0);
    ck_assert_int_ge(peer.took_ms, 500);
    ck_assert_int_lt(peer.took_ms, 15000);
}

static int cancel_first(void *arg)
{
    (void)arg;
    task_cancel(task_current());
    return linger(arg);
}

TEST(a_cancelled_task_does_not_linger)
{
    struct peer peer = {.limits = FAR};

    check_res(run(cancel_first, &peer), 0);
    ck_assert_int_lt(peer.took_ms, 30000);
}

int main(void)
{
    suite_begin("linger");
    suite_add(the_peer_sees_the_end_while_the_server_still_reads);
    suite_add(all_that_a_peer_sends_before_it_closes_is_read);
    suite_add(a_silent_peer_is_left_after_silence_ms);
    suite_add(a_peer_that_sends_is_not_silent);
    suite_add(a_peer_that_sends_without_end_is_left_after_total_ms);
    suite_add(input_is_dropped_no_faster_than_the_rate);
    suite_add(a_rate_far_below_the_peers_ends_after_total_ms);
    suite_add(a_cancelled_task_does_not_linger);
    return suite_end();
}
