/* transfer.c: responses to a socket, with a real loop and peers of all
 * sorts. */
#include "transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "with_loop.h"
#include "await.h"
#include "client.h"
#include "fds.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)
#define QUIET_MS 20000u
#define HEAD_TEXT "HTTP/1.1 200 OK\r\n\r\n"
#define HEAD_LEN (sizeof HEAD_TEXT - 1)
#define BIG ((size_t)3 << 20)

static struct transfer_pool pool;
static int ends[2]; /* ours, which sends, and the peer's */

/* A pair whose buffers hold little: a few segments of some kilobytes. */
static void connect_pair(void)
{
    int len = 8192;

    check_res(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    check_res(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &len, sizeof len), 0);
}

static void in_pool(task_fn *body)
{
    int before = fds_open();

    site_make();
    site_pattern("big", BIG);
    check_res(run(body, NULL), 0);
    site_remove();
    ck_assert_int_eq(fds_open(), before);
}

static void begin(void)
{
    check_res(transfer_pool_init(&pool), 0);
    connect_pair();
}

static int end(void)
{
    ck_assert_uint_eq(pool.slots.free_count, TRANSFER_BUFS);
    transfer_pool_finish(&pool);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static struct transfer transfer_of(const char *name, uint64_t offset,
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

static void *take_all(void *arg)
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

static void peer_start(struct peer *peer, size_t len, size_t step)
{
    *peer = (struct peer){.len = len, .step = step, .bytes = malloc(len + 1)};
    check(peer->bytes != NULL);
    check_res(pthread_create(&peer->thread, NULL, take_all, peer), 0);
}

/* Waits for it, and compares what it got with the head and part of "big". */
static void peer_check(struct peer *peer, size_t offset, size_t len)
{
    pthread_join(peer->thread, NULL);
    ck_assert_uint_eq(peer->len, HEAD_LEN + len);
    check(memcmp(peer->bytes, HEAD_TEXT, HEAD_LEN) == 0);
    ck_assert_msg(is_pattern(peer->bytes + HEAD_LEN, len, offset),
                  "%zu bytes from %zu, but others", len, offset);
    free(peer->bytes);
}

static int send_views(void *arg)
{
    static const char *const texts[] = {"", "x", "hello"};
    char got[64];

    (void)arg;
    begin();
    for (size_t i = 0; i < countof(texts); i++)
        for (size_t j = 0; j < countof(texts); j++) {
            size_t len = strlen(texts[i]) + strlen(texts[j]);
            char expected[64];

            snprintf(expected, sizeof expected, "%s%s", texts[i], texts[j]);
            check_res(transfer_await_views(ends[0], view_of(texts[i]),
                                           view_of(texts[j]), QUIET_MS),
                      0);
            socket_receive(ends[1], got, len);
            check(memcmp(got, expected, len) == 0);
        }
    return end();
}

TEST(two_segments_are_sent_one_after_the_other)
{
    in_pool(send_views);
}

static int send_much(void *arg)
{
    static char bytes[1 << 20];
    struct peer peer;

    (void)arg;
    begin();
    check(pread(transfer_of("big", 0, 0).file, bytes, sizeof bytes, 0) ==
          sizeof bytes);
    peer_start(&peer, HEAD_LEN + sizeof bytes, 1000);
    check_res(transfer_await_views(ends[0], view_of(HEAD_TEXT),
                                   (struct view){bytes, sizeof bytes},
                                   QUIET_MS),
              0);
    peer_check(&peer, 0, sizeof bytes);
    return end();
}

TEST(a_short_send_is_resumed)
{
    site_make();
    site_pattern("big", BIG);
    check_res(run(send_much, NULL), 0);
    site_remove();
}

static void await_check_part(uint64_t offset, uint64_t len, size_t step)
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

static int send_parts(void *arg)
{
    static const uint64_t lens[] = {1,
                                    4096,
                                    TRANSFER_BUF_LEN - 1,
                                    TRANSFER_BUF_LEN,
                                    TRANSFER_BUF_LEN + 1,
                                    2 * TRANSFER_BUF_LEN + 1};

    (void)arg;
    begin();
    for (size_t i = 0; i < countof(lens); i++) {
        await_check_part(0, lens[i], 65536);
        await_check_part(12345, lens[i], 1000);
    }
    await_check_part(0, BIG, 3000);
    return end();
}

TEST(a_part_of_a_file_arrives_exactly_however_slow_the_peer)
{
    in_pool(send_parts);
}

static int send_head_alone(void *arg)
{
    struct transfer transfer = transfer_of("big", 0, 0);
    char got[HEAD_LEN];

    (void)arg;
    begin();
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS), 0);
    socket_receive(ends[1], got, HEAD_LEN);
    check(memcmp(got, HEAD_TEXT, HEAD_LEN) == 0);
    close(transfer.file);
    return end();
}

TEST(an_empty_file_is_its_head)
{
    in_pool(send_head_alone);
}

/* Promises. */

static int send_too_little(void *arg)
{
    struct transfer transfer = transfer_of("big", BIG - 10, 11);
    struct peer peer;
    char byte;

    (void)arg;
    begin();
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS),
              -ENODATA);
    ck_assert_uint_eq(transfer.head.len, HEAD_LEN);
    check_res(recv(ends[1], &byte, 1, MSG_DONTWAIT), -1);
    close(transfer.file);

    transfer = transfer_of("big", 0, BIG + 1);
    peer_start(&peer, HEAD_LEN + BIG + 1, 65536);
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS),
              -ENODATA);
    ck_assert_uint_eq(transfer.head.len, 0);
    ck_assert_uint_gt(transfer.len, 1);
    shutdown(ends[0], SHUT_WR);
    pthread_join(peer.thread, NULL);
    ck_assert_uint_eq(peer.len, HEAD_LEN + transfer.offset);
    free(peer.bytes);
    close(transfer.file);
    return end();
}

TEST(a_file_that_is_shorter_fails_and_says_whether_anything_was_sent)
{
    in_pool(send_too_little);
}

static int send_unreadable(void *arg)
{
    struct transfer transfer = transfer_of("big", 0, 100);

    (void)arg;
    begin();
    close(transfer.file);
    transfer.file = openat(site_fd(), "big", O_WRONLY | O_CLOEXEC);
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS), -EBADF);
    ck_assert_uint_eq(transfer.head.len, HEAD_LEN);
    close(transfer.file);
    return end();
}

TEST(a_file_that_cannot_be_read_fails_before_anything_is_sent)
{
    in_pool(send_unreadable);
}

static int send_to_nobody(void *arg)
{
    struct transfer transfer = transfer_of("big", 0, BIG);

    (void)arg;
    begin();
    close(ends[1]);
    check_res(transfer_await_file(&pool, ends[0], &transfer, QUIET_MS), -EPIPE);
    check_res(
        transfer_await_views(ends[0], view_of("x"), view_of("y"), QUIET_MS),
        -EPIPE);
    close(transfer.file);
    ends[1] = dup(ends[0]);
    return end();
}

TEST(a_peer_that_has_gone_is_an_error)
{
    in_pool(send_to_nobody);
}

/* Time. */

static int send_to_a_wall(void *arg)
{
    static char bytes[1 << 20];
    struct transfer transfer = transfer_of("big", 0, BIG);
    uint64_t start_ns = sys_now_ns();

    (void)arg;
    begin();
    check_res(transfer_await_file(&pool, ends[0], &transfer, 50), -ETIME);
    ck_assert_uint_ge(sys_now_ns() - start_ns, 50000000);
    ck_assert_uint_gt(transfer.len, 0);
    start_ns = sys_now_ns();
    check_res(transfer_await_views(ends[0], view_of("x"),
                                   (struct view){bytes, sizeof bytes}, 50),
              -ETIME);
    ck_assert_uint_ge(sys_now_ns() - start_ns, 50000000);
    deadline_clear();
    close(transfer.file);
    return end();
}

TEST(a_peer_that_takes_nothing_is_given_up)
{
    in_pool(send_to_a_wall);
}

/* Takes something every so often, for far longer than the quiet time. */
static void *take_now_and_then(void *arg)
{
    static char bytes[65536];
    struct timespec pause = {.tv_nsec = 20000000};

    (void)arg;
    while (recv(ends[1], bytes, sizeof bytes, 0) > 0)
        nanosleep(&pause, NULL);
    return NULL;
}

static int send_to_a_slow_one(void *arg)
{
    struct transfer transfer = transfer_of("big", 0, 500000);
    uint64_t start_ns = sys_now_ns();
    pthread_t thread;

    (void)arg;
    begin();
    check_res(pthread_create(&thread, NULL, take_now_and_then, NULL), 0);
    check_res(transfer_await_file(&pool, ends[0], &transfer, 500), 0);
    ck_assert_uint_gt(sys_now_ns() - start_ns, 500000000);
    shutdown(ends[0], SHUT_WR);
    pthread_join(thread, NULL);
    close(transfer.file);
    return end();
}

TEST(a_peer_that_takes_something_in_time_is_not)
{
    in_pool(send_to_a_slow_one);
}

/* Sharing. */

struct sender {
    struct task task;
    struct transfer transfer;
    int ends[2];
};

static int send_it(void *arg) /* task body */
{
    struct sender *sender = arg;

    return transfer_await_file(&pool, sender->ends[0], &sender->transfer,
                               QUIET_MS);
}

static void sender_start(struct sender *sender)
{
    int len = 8192;

    check_res(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sender->ends),
              0);
    check_res(setsockopt(sender->ends[0], SOL_SOCKET, SO_SNDBUF, &len,
                         sizeof len), 0);
    sender->transfer = transfer_of("big", 0, BIG);
    check_res(task_spawn(&sender->task, "sender", send_it, sender), 0);
}

static int sender_end(struct sender *sender)
{
    int rc = task_join(&sender->task);

    close(sender->ends[0]);
    close(sender->ends[1]);
    close(sender->transfer.file);
    return rc;
}

static int serve_lazy_peers(void *arg)
{
    static struct sender lazy[3 * TRANSFER_BUFS];

    (void)arg;
    begin();
    for (size_t i = 0; i < countof(lazy); i++)
        sender_start(&lazy[i]);
    for (size_t i = 0; i < countof(lazy); i++) {
        while (lazy[i].transfer.len == BIG)
            check_res(await_nop(), 0);
    }
    ck_assert_uint_eq(pool.slots.free_count, TRANSFER_BUFS);
    await_check_part(0, BIG, 65536);
    for (size_t i = 0; i < countof(lazy); i++) {
        task_cancel(&lazy[i].task);
        check_res(sender_end(&lazy[i]), -ECANCELED);
    }
    return end();
}

TEST(peers_that_do_not_read_hold_no_buffer)
{
    in_pool(serve_lazy_peers);
}

/* Cancels one of many after any number of iterations of the loop: waiting for a
 * buffer, reading, sending, waiting for the peer. No buffer is lost, and none
 * is given twice. */
static int cancel_anywhere(void *arg)
{
    static struct sender senders[TRANSFER_BUFS + 8];

    (void)arg;
    begin();
    for (int iterations = 0; iterations < 20; iterations++) {
        for (size_t i = 0; i < countof(senders); i++)
            sender_start(&senders[i]);
        for (int i = 0; i < iterations; i++)
            check_res(await_nop(), 0);
        for (size_t i = 0; i < countof(senders); i++)
            task_cancel(&senders[i].task);
        for (size_t i = 0; i < countof(senders); i++)
            check_res(sender_end(&senders[i]), -ECANCELED);
        ck_assert_uint_eq(pool.slots.free_count, TRANSFER_BUFS);
    }
    return end();
}

TEST(a_cancel_loses_no_buffer)
{
    in_pool(cancel_anywhere);
}

/* All buffers are gone; who waits for one goes, too; then they come back. */
static int cancel_who_waits(void *arg)
{
    static struct sender senders[5];
    int taken[TRANSFER_BUFS];

    (void)arg;
    begin();
    for (size_t i = 0; i < TRANSFER_BUFS; i++)
        taken[i] = slots_take(&pool.slots);
    for (size_t i = 0; i < countof(senders); i++)
        sender_start(&senders[i]);
    check_res(await_nop(), 0);
    ck_assert(!queue_is_empty(&pool.waiters));
    for (size_t i = 0; i < countof(senders); i++) {
        task_cancel(&senders[i].task);
        check_res(sender_end(&senders[i]), -ECANCELED);
    }
    ck_assert(queue_is_empty(&pool.waiters));
    for (size_t i = 0; i < TRANSFER_BUFS; i++)
        slots_release(&pool.slots, (unsigned)taken[i]);
    await_check_part(0, BIG, 65536);
    return end();
}

TEST(who_stops_waiting_for_a_buffer_is_not_given_one)
{
    in_pool(cancel_who_waits);
}

TEST(without_memory_there_is_no_pool)
{
    struct rlimit little = {1 << 20, RLIM_INFINITY};

    check_res(setrlimit(RLIMIT_AS, &little), 0);
    check_res(transfer_pool_init(&pool), -ENOMEM);
    transfer_pool_finish(&pool);
}

TEST(a_zeroed_pool_can_be_finished)
{
    struct transfer_pool zeroed = {0};

    transfer_pool_finish(&zeroed);
    ck_assert_uint_eq(zeroed.slots.count, 0);
}

int main(void)
{
    suite_begin("transfer");
    suite_add(two_segments_are_sent_one_after_the_other);
    suite_add(a_short_send_is_resumed);
    suite_add(a_part_of_a_file_arrives_exactly_however_slow_the_peer);
    suite_add(an_empty_file_is_its_head);
    suite_add(a_file_that_is_shorter_fails_and_says_whether_anything_was_sent);
    suite_add(a_file_that_cannot_be_read_fails_before_anything_is_sent);
    suite_add(a_peer_that_has_gone_is_an_error);
    suite_add(a_peer_that_takes_nothing_is_given_up);
    suite_add(a_peer_that_takes_something_in_time_is_not);
    suite_add(peers_that_do_not_read_hold_no_buffer);
    suite_add(a_cancel_loses_no_buffer);
    suite_add(who_stops_waiting_for_a_buffer_is_not_given_one);
    suite_add_unless(why_memory_is_not_limited(),
                     without_memory_there_is_no_pool);
    suite_add(a_zeroed_pool_can_be_finished);
    return suite_end();
}
