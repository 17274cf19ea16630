/* stream_empty_pool.c: streams that find no free buffer. They wait for one in
 * their order, without asking the kernel, and keep none from other streams. */
#include "stream.h"

#include <errno.h>
#include <unistd.h>

#include "streams.h"

static int take_one(void *arg) /* task body */
{
    return (int)await_number(arg);
}

TASK_TEST(a_stream_without_a_buffer_does_not_retry_before_one_is_free)
{
    struct task other = {0};
    struct chunk chunk;

    pool_open(1);
    await_hold_buffer(0, &chunk);
    open_stream(1, SOCK_SEQPACKET, CREDIT);
    send_number(1, 42);
    check_res(task_spawn(&other, "no buffer", take_one, &streams[1]), 0);
    await_iterations(3);
    uint64_t operations = loop.ring.counters.sqes;
    await_iterations(50);
    ck_assert_uint_eq(seen.no_buffer, 1);
    ck_assert_uint_eq(pool.empty_count, 1);
    ck_assert_uint_eq(loop.ring.counters.sqes, operations);
    stream_release(&streams[0], &chunk);
    check_res(task_join(&other), 42);
    ck_assert_uint_eq(seen.no_buffer, 1);
    await_close_stream(0);
    await_close_stream(1);
    pool_close();
    return 0;
}

/* Eight streams without a buffer share one, one after the other. */
TASK_TEST(a_buffer_that_comes_back_lets_one_stream_try)
{
    struct task tasks[8];
    struct chunk chunk;

    memset(tasks, 0, sizeof tasks);
    pool_open(1);
    await_hold_buffer(0, &chunk);
    for (int i = 1; i <= 8; i++) {
        open_stream(i, SOCK_SEQPACKET, CREDIT);
        send_number(i, (unsigned)i);
        check_res(task_spawn(&tasks[i - 1], "no buffer", take_one, &streams[i]),
                  0);
    }
    await_iterations(3);
    ck_assert_uint_eq(seen.no_buffer, 8);
    stream_release(&streams[0], &chunk);
    for (int i = 1; i <= 8; i++)
        check_res(task_join(&tasks[i - 1]), i);
    /* Each buffer that came back let one try, and it succeeded. */
    ck_assert_uint_eq(seen.no_buffer, 8);
    for (int i = 0; i <= 8; i++)
        await_close_stream(i);
    pool_close();
    return 0;
}

/* The owner of the first stream without a buffer is busy with something else:
 * it does not wait for input, and must not keep the buffer from one who
 * does. */
TASK_TEST(a_stream_without_a_reader_keeps_no_buffer_from_others)
{
    struct task other = {0};
    struct chunk chunk;

    pool_open(1);
    open_stream(1, SOCK_SEQPACKET, CREDIT);
    await_armed(&streams[1]);
    await_hold_buffer(0, &chunk);
    send_number(1, 1); /* -ENOBUFS, and nobody waits for it */
    await_iterations(3);
    ck_assert_uint_eq(seen.no_buffer, 1);
    open_stream(2, SOCK_SEQPACKET, CREDIT);
    send_number(2, 2);
    check_res(task_spawn(&other, "no buffer", take_one, &streams[2]), 0);
    await_iterations(3);
    stream_release(&streams[0], &chunk);
    check_res(task_join(&other), 2);
    ck_assert_uint_eq(await_number(&streams[1]), 1);
    for (int i = 0; i <= 2; i++)
        await_close_stream(i);
    pool_close();
    return 0;
}

/* A receive asks for a buffer only when there is data for it. */
TASK_TEST(an_idle_stream_neither_needs_a_buffer_nor_waits_for_one)
{
    struct task idle = {0}, busy = {0};
    struct chunk chunk;

    pool_open(1);
    await_hold_buffer(0, &chunk);
    open_stream(1, SOCK_SEQPACKET, CREDIT);
    check_res(task_spawn(&idle, "idle", take_one, &streams[1]), 0);
    await_iterations(3);
    ck_assert_uint_eq(seen.no_buffer, 0);
    open_stream(2, SOCK_SEQPACKET, CREDIT);
    send_number(2, 2);
    check_res(task_spawn(&busy, "no buffer", take_one, &streams[2]), 0);
    await_iterations(3);
    ck_assert_uint_eq(seen.no_buffer, 1);
    stream_release(&streams[0], &chunk);
    check_res(task_join(&busy), 2);
    send_number(1, 1);
    check_res(task_join(&idle), 1);
    for (int i = 0; i <= 2; i++)
        await_close_stream(i);
    pool_close();
    return 0;
}

static struct chunk taken[STREAMS_MAX];

static int take_chunk(void *arg) /* task body */
{
    struct stream *stream = arg;

    return stream_await_chunk(stream, &taken[stream - streams]);
}

/* Takes all that is queued, and releases it with the chunk in taken. */
static void await_give_back_all(int i)
{
    struct chunk chunk;

    stream_release(&streams[i], &taken[i]);
    while (stream_has_chunk(&streams[i])) {
        check(stream_await_chunk(&streams[i], &chunk) > 0);
        stream_release(&streams[i], &chunk);
    }
}

/* Two bursts empty the pool within the submit in which a third stream is armed:
 * that one is refused a buffer though it has no data. It must not queue. */
TASK_TEST(an_idle_stream_that_is_refused_a_buffer_does_not_queue_for_one)
{
    static const char bytes[CREDIT * BUF_LEN];
    struct task tasks[3];

    memset(tasks, 0, sizeof tasks);
    pool_open(2 * CREDIT);
    for (int i = 0; i < 3; i++) {
        open_stream(i, TCP, CREDIT);
        if (i < 2)
            pair_send(&pairs[i], bytes, sizeof bytes);
        check_res(task_spawn(&tasks[i], "reader", take_chunk, &streams[i]), 0);
    }
    await_iterations(3);
    ck_assert_uint_eq(bufring_free_count(&pool), 0);
    ck_assert_uint_eq(seen.no_buffer, 1);
    check(!streams[2].wants_buffer && op_is_in_flight(&streams[2].op));
    await_give_back_all(0);
    await_give_back_all(1);
    send_number(2, 9);
    check_res(task_join(&tasks[2]), sizeof(unsigned));
    stream_release(&streams[2], &taken[2]);
    ck_assert_uint_eq(seen.no_buffer, 1);
    for (int i = 0; i < 3; i++)
        await_close_stream(i);
    pool_close();
    return 0;
}

/* The buffer comes back, its waiter is woken, and cancelled before it runs. */
TASK_TEST(a_woken_stream_that_is_cancelled_passes_the_buffer_on)
{
    struct task first = {0}, second = {0};
    struct chunk chunk;

    pool_open(1);
    await_hold_buffer(0, &chunk);
    for (int i = 1; i <= 2; i++) {
        open_stream(i, SOCK_SEQPACKET, CREDIT);
        send_number(i, (unsigned)i);
    }
    check_res(task_spawn(&first, "first", take_chunk, &streams[1]), 0);
    check_res(task_spawn(&second, "second", take_one, &streams[2]), 0);
    await_iterations(3);
    ck_assert_uint_eq(seen.no_buffer, 2);
    stream_release(&streams[0], &chunk);
    task_cancel(&first);
    check_res(task_join(&first), -ECANCELED);
    check_res(task_join(&second), 2);
    ck_assert_uint_eq(await_number(&streams[1]), 1); /* nothing was lost */
    for (int i = 0; i <= 2; i++)
        await_close_stream(i);
    pool_close();
    return 0;
}

/* A stream is cancelled while it waits. A buffer that comes back later must not
 * go to it, because it would not pass the buffer on. */
TASK_TEST(a_cancelled_stream_no_longer_waits_for_a_buffer)
{
    struct task first = {0}, second = {0};
    struct chunk chunk;

    pool_open(1);
    await_hold_buffer(0, &chunk);
    for (int i = 1; i <= 2; i++) {
        open_stream(i, SOCK_SEQPACKET, CREDIT);
        send_number(i, (unsigned)i);
    }
    check_res(task_spawn(&first, "first", take_chunk, &streams[1]), 0);
    check_res(task_spawn(&second, "second", take_one, &streams[2]), 0);
    await_iterations(3);
    ck_assert_uint_eq(seen.no_buffer, 2);
    task_cancel(&first);
    check_res(task_join(&first), -ECANCELED);
    ck_assert(!streams[1].wants_buffer && streams[2].wants_buffer);
    stream_release(&streams[0], &chunk);
    check_res(task_join(&second), 2);
    ck_assert_uint_eq(await_number(&streams[1]), 1); /* nothing was lost */
    for (int i = 0; i <= 2; i++)
        await_close_stream(i);
    pool_close();
    return 0;
}

/* The one that is woken finds that its peer has gone: it takes no buffer. */
TASK_TEST(a_woken_stream_that_finds_no_data_passes_the_buffer_on)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct task first = {0}, second = {0};
    struct chunk chunk;
    char sink[8];

    pool_open(1);
    await_hold_buffer(0, &chunk);
    open_stream(1, TCP, CREDIT);
    send_number(1, 1);
    open_stream(2, SOCK_SEQPACKET, CREDIT);
    send_number(2, 2);
    check_res(task_spawn(&first, "first", take_chunk, &streams[1]), 0);
    check_res(task_spawn(&second, "second", take_one, &streams[2]), 0);
    await_iterations(3);
    ck_assert_uint_eq(pool.empty_count, 2);
    /* Another reader takes the data it had no buffer for, and then it is
     * reset. */
    check_res(recv(pairs[1].here, sink, sizeof sink, 0), sizeof(unsigned));
    setsockopt(pairs[1].there, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(pairs[1].there);
    pairs[1].there = -1;
    stream_release(&streams[0], &chunk);
    check_res(task_join(&first), -ECONNRESET);
    check_res(task_join(&second), 2);
    for (int i = 0; i <= 2; i++)
        await_close_stream(i);
    pool_close();
    return 0;
}

/* The kernel finds no buffer. Before the stream sees that, a buffer is
 * released. This release wakes no waiter, so the stream must not wait for
 * one. */
TASK_TEST(a_buffer_freed_before_enobufs_is_read_is_not_waited_for)
{
    struct task other = {0};
    struct chunk chunk;

    pool_open(1);
    open_stream(1, SOCK_SEQPACKET, CREDIT);
    check_res(task_spawn(&other, "no buffer", take_one, &streams[1]), 0);
    await_hold_buffer(0, &chunk);
    check(op_is_in_flight(&streams[1].op));
    send_number(1, 1);
    check_res(ring_enter(&loop.ring, 0, 0), 0); /* as a full SQ has it */
    check(ring_has_next(&loop.ring));
    stream_release(&streams[0], &chunk);
    check_res(task_join(&other), 1);
    ck_assert_uint_eq(seen.no_buffer, 1);
    await_close_stream(0);
    await_close_stream(1);
    pool_close();
    return 0;
}

TASK_TEST(a_stream_with_fail_on_empty_reports_an_empty_pool)
{
    struct chunk held, chunk;
    char own[8];

    pool_open(1);
    await_hold_buffer(0, &held);
    open_stream(1, SOCK_SEQPACKET, CREDIT);
    streams[1].fail_on_empty = true;
    send_number(1, 1);
    send_number(1, 2);
    check_res(stream_await_chunk(&streams[1], &chunk), -ENOBUFS);
    check(!op_is_in_flight(&streams[1].op));
    check_res(await_recv(pairs[1].here, own, sizeof own, 0), sizeof(unsigned));
    check_res(stream_await_chunk(&streams[1], &chunk), -ENOBUFS);
    stream_release(&streams[0], &held);
    ck_assert_uint_eq(await_number(&streams[1]), 2);
    await_close_stream(0);
    await_close_stream(1);
    pool_close();
    return 0;
}

int main(void)
{
    /* Two bursts do not fit in a CQ of two. */
    const char *small = why_ring_is_too_small();

    suite_begin("stream_empty_pool");
    suite_add(a_stream_without_a_buffer_does_not_retry_before_one_is_free);
    suite_add(a_buffer_that_comes_back_lets_one_stream_try);
    suite_add(a_stream_without_a_reader_keeps_no_buffer_from_others);
    suite_add(an_idle_stream_neither_needs_a_buffer_nor_waits_for_one);
    suite_add_unless(
        small, an_idle_stream_that_is_refused_a_buffer_does_not_queue_for_one);
    suite_add(a_woken_stream_that_is_cancelled_passes_the_buffer_on);
    suite_add(a_cancelled_stream_no_longer_waits_for_a_buffer);
    suite_add(a_woken_stream_that_finds_no_data_passes_the_buffer_on);
    suite_add(a_buffer_freed_before_enobufs_is_read_is_not_waited_for);
    suite_add(a_stream_with_fail_on_empty_reports_an_empty_pool);
    return suite_end();
}
