/* stream.c: one receive that answers many times, and not a byte is lost. */
#include "stream.h"

#include <errno.h>
#include <unistd.h>

#include "pool.h"
#include "random.h"

#define MS UINT64_C(1000000)
#define CREDIT 8u
#define STREAMS_MAX 9
#define TCP (-1) /* beside SOCK_STREAM and SOCK_SEQPACKET, of Unix sockets */

static struct pair pairs[STREAMS_MAX];
static struct stream streams[STREAMS_MAX];

/* What the kernel said to a stream. */
static struct {
    unsigned chunks;    /* results above 0 */
    unsigned terminals; /* CQEs without F_MORE */
    unsigned good_ends; /* of these, with a result above 0 */
    unsigned no_buffer;   /* of these, -ENOBUFS */
} seen;
static void (*stream_complete)(struct op *op, int result, uint32_t flags);

static void see(struct op *op, int result, uint32_t flags)
{
    bool ends = !(flags & IORING_CQE_F_MORE);

    seen.chunks += result > 0;
    seen.terminals += ends;
    seen.good_ends += ends && result > 0;
    seen.no_buffer += ends && result == -ENOBUFS;
    stream_complete(op, result, flags);
}

static struct stream *open_stream(int i, int type, unsigned credit)
{
    pairs[i] = type == TCP ? pair_open_tcp() : pair_open(type);
    stream_init(&streams[i], pairs[i].here, &pool, credit);
    stream_complete = streams[i].op.complete;
    streams[i].op.complete = see;
    return &streams[i];
}

/* Ends the stream before its fd, as its rules say. */
static void await_close_stream(int i)
{
    stream_await_end(&streams[i]);
    check(!op_is_in_flight(&streams[i].op));
    check(!stream_has_chunk(&streams[i]));
    pair_close(&pairs[i]);
}

/* What most tests begin and end with: one stream, and a pool for it. */
static struct stream *open_alone(unsigned bufs, int type, unsigned credit)
{
    pool_open(bufs);
    return open_stream(0, type, credit);
}

static int await_close_alone(void)
{
    await_close_stream(0);
    pool_close();
    return 0;
}

/* Sends a message with its number. */
static void send_number(int i, unsigned number)
{
    pair_send(&pairs[i], &number, sizeof number);
}

static unsigned await_number(struct stream *stream)
{
    struct chunk chunk;
    unsigned number;

    check_res(stream_await_chunk(stream, &chunk), sizeof number);
    ck_assert_uint_eq(chunk.len, sizeof number);
    memcpy(&number, chunk.data, sizeof number);
    stream_release(stream, &chunk);
    return number;
}

/* Arms the stream, though nothing is there to be had. */
static void await_armed(struct stream *stream)
{
    struct chunk chunk;

    deadline_set_ns(1);
    check_res(stream_await_chunk(stream, &chunk), -ETIME);
    check(op_is_in_flight(&stream->op));
}

/* --- what a stream is ---------------------------------------------------- */

static int take_all(void *arg)
{
    struct stream *stream;
    struct chunk chunk;

    (void)arg;
    stream = open_alone(256, TCP, CREDIT);
    for (unsigned i = 0; i < 100; i++) {
        send_number(0, i);
        ck_assert_uint_eq(await_number(stream), i);
    }
    close(pairs[0].there);
    pairs[0].there = -1;
    check_res(stream_await_chunk(stream, &chunk), 0);
    check_res(stream_await_chunk(stream, &chunk), 0);
    return await_close_alone();
}

TEST(a_stream_brings_what_the_peer_sends_and_then_its_end)
{
    check_res(run(take_all, NULL), 0);
}

static int take_queued(void *arg)
{
    struct stream *stream;
    struct chunk chunk;

    (void)arg;
    stream = open_alone(256, SOCK_SEQPACKET, CREDIT);
    await_armed(stream);
    for (unsigned i = 0; i < 5; i++)
        send_number(0, i);
    shutdown(pairs[0].there, SHUT_WR);
    await_iterations(3);
    check(stream->is_over);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_uint_eq(await_number(stream), i);
    check_res(stream_await_chunk(stream, &chunk), 0);
    return await_close_alone();
}

TEST(chunks_that_have_arrived_come_before_the_end)
{
    check_res(run(take_queued, NULL), 0);
}

static int take_reset(void *arg)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct stream *stream = &streams[0];
    struct chunk chunk;

    (void)arg;
    open_alone(16, TCP, CREDIT);
    await_armed(stream);
    send_number(0, 7);
    setsockopt(pairs[0].there, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(pairs[0].there);
    pairs[0].there = -1;
    ck_assert_uint_eq(await_number(stream), 7);
    check_res(stream_await_chunk(stream, &chunk), -ECONNRESET);
    check_res(stream_await_chunk(stream, &chunk), -ECONNRESET);
    return await_close_alone();
}

TEST(a_reset_is_an_error_after_what_came_before_it)
{
    check_res(run(take_reset, NULL), 0);
}

/* --- when the kernel stops by itself ------------------------------------- */

#define OVERFLOW_CHUNKS 40u

static int overflow_cq(void *arg)
{
    struct stream *stream;

    (void)arg;
    stream = open_alone(256, SOCK_SEQPACKET, OVERFLOW_CHUNKS);
    await_armed(stream);
    for (unsigned i = 0; i < OVERFLOW_CHUNKS; i++)
        send_number(0, i);
    for (unsigned i = 0; i < OVERFLOW_CHUNKS; i++)
        ck_assert_uint_eq(await_number(stream), i);
    ck_assert_uint_eq(seen.chunks, OVERFLOW_CHUNKS);
    ck_assert_uint_ge(seen.good_ends, 1);
    return await_close_alone();
}

/* The CQ has two entries. What does not fit ends the multishot, with a good
 * result: whoever looks at the result waits for ever. */
TEST(an_overflowing_cq_ends_the_multishot_and_not_the_stream)
{
    struct loop_options options = {.ring.sq_entries = 2,
                                   .ring.cq_entries = 2};

    check_ring(loop_init(&loop, &options));
    check_res(loop_run(&loop, overflow_cq, NULL), 0);
    loop_finish(&loop);
}

/* --- credit -------------------------------------------------------------- */

static int exceed_credit(void *arg)
{
    const unsigned count = 60;
    struct stream *stream;

    (void)arg;
    stream = open_alone(256, SOCK_SEQPACKET, 4);
    await_armed(stream);
    for (unsigned i = 0; i < count; i++) {
        send_number(0, i);
        await_iterations(2);
    }
    /* The cancel is asked for with the fourth: one more may come meanwhile. */
    ck_assert_uint_ge(stream->held, 4);
    ck_assert_uint_le(stream->held, 5);
    check(!op_is_in_flight(&stream->op));
    ck_assert_uint_eq(seen.terminals, 1);
    for (unsigned i = 0; i < count; i++)
        ck_assert_uint_eq(await_number(stream), i);
    send_number(0, count);
    ck_assert_uint_eq(await_number(stream), count);
    return await_close_alone();
}

TEST(at_its_credit_a_stream_stops_and_goes_on_when_it_is_empty)
{
    check_res(run(exceed_credit, NULL), 0);
}

/* It is told to stop at the fourth of many small messages; but the limit in
 * bytes ends it, with a good result, before the kernel handles the cancel. */
static int end_by_itself(void *arg)
{
    struct stream *stream;

    (void)arg;
    stream = open_alone(256, SOCK_SEQPACKET, 4);
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 100; i++)
            send_number(0, i);
        for (unsigned i = 0; i < 100; i++)
            ck_assert_uint_eq(await_number(stream), i);
    }
    await_armed(stream);
    check(!stream->is_stopping);
    return await_close_alone();
}

TEST(a_multishot_that_ends_while_it_is_stopped_can_be_stopped_again)
{
    check_res(run(end_by_itself, NULL), 0);
}

/* What is in the socket when the receive starts comes in one burst, before a
 * cancel could stop it. So the kernel is told beforehand where to stop. */
static int burst(void *arg)
{
    static char bytes[100 * BUF_LEN], got[sizeof bytes];
    struct stream *stream;
    struct chunk chunk;
    size_t len = 0;

    (void)arg;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    stream = open_alone(256, TCP, 4);
    pair_send(&pairs[0], bytes, sizeof bytes);
    while (len < sizeof bytes) {
        check_res(stream_await_chunk(stream, &chunk), chunk.len);
        await_iterations(2);
        if (pool.receive == BUFRING_LIMITED)
            ck_assert_uint_le(stream->held, 3);
        memcpy(got + len, chunk.data, chunk.len);
        len += chunk.len;
        stream_release(stream, &chunk);
    }
    check(memcmp(bytes, got, len) == 0);
    ck_assert_uint_ge(seen.good_ends, 20);
    return await_close_alone();
}

TEST(a_burst_does_not_exceed_the_credit)
{
    check_res(run(burst, NULL), 0);
}

static int scarce(void *arg)
{
    struct stream *stream;
    struct chunk chunk;

    (void)arg;
    stream = open_alone(8, SOCK_SEQPACKET, CREDIT);
    for (unsigned i = 0; i < 20; i++)
        send_number(0, i);
    check_res(stream_await_chunk(stream, &chunk), sizeof(unsigned));
    await_iterations(5);
    ck_assert_uint_eq(bufring_free_count(&pool), 7);
    stream_release(stream, &chunk);
    for (unsigned i = 1; i < 20; i++)
        ck_assert_uint_eq(await_number(stream), i);
    ck_assert_uint_eq(seen.no_buffer, 0);
    return await_close_alone();
}

TEST(where_buffers_are_scarce_a_stream_takes_one_at_a_time)
{
    check_res(run(scarce, NULL), 0);
}

/* --- the empty pool ------------------------------------------------------ */

/* Takes the only buffer of the pool. */
static void await_hold_buffer(int i, struct chunk *chunk)
{
    open_stream(i, SOCK_SEQPACKET, CREDIT);
    send_number(i, 1000);
    check_res(stream_await_chunk(&streams[i], chunk), sizeof(unsigned));
    ck_assert_uint_eq(bufring_free_count(&pool), 0);
}

static int take_one(void *arg) /* task body */
{
    return (int)await_number(arg);
}

static int empty_pool(void *arg)
{
    struct task other = {0};
    struct chunk chunk;

    (void)arg;
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

TEST(a_stream_without_a_buffer_does_not_retry_before_one_is_free)
{
    check_res(run(empty_pool, NULL), 0);
}

/* Eight streams without a buffer share one, one after the other. */
static int take_turns(void *arg)
{
    struct task tasks[8];
    struct chunk chunk;

    (void)arg;
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

TEST(a_buffer_that_comes_back_lets_one_stream_try)
{
    check_res(run(take_turns, NULL), 0);
}

/* The owner of the first stream without a buffer is busy with something else:
 * it does not wait for input, and must not keep the buffer from one who
 * does. */
static int empty_pool_while_busy(void *arg)
{
    struct task other = {0};
    struct chunk chunk;

    (void)arg;
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

TEST(a_stream_without_a_reader_keeps_no_buffer_from_others)
{
    check_res(run(empty_pool_while_busy, NULL), 0);
}

/* A receive asks for a buffer only when there is data for it. */
static int idle_when_empty(void *arg)
{
    struct task idle = {0}, busy = {0};
    struct chunk chunk;

    (void)arg;
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

TEST(an_idle_stream_neither_needs_a_buffer_nor_waits_for_one)
{
    check_res(run(idle_when_empty, NULL), 0);
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
static int refuse_the_idle(void *arg)
{
    static const char bytes[CREDIT * BUF_LEN];
    struct task tasks[3];

    (void)arg;
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

TEST(an_idle_stream_that_is_refused_a_buffer_does_not_queue_for_one)
{
    check_res(run(refuse_the_idle, NULL), 0);
}

/* The buffer comes back, its waiter is woken, and cancelled before it runs. */
static int interrupt_the_woken(void *arg)
{
    struct task first = {0}, second = {0};
    struct chunk chunk;

    (void)arg;
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

TEST(a_woken_stream_that_is_cancelled_passes_the_buffer_on)
{
    check_res(run(interrupt_the_woken, NULL), 0);
}

/* The one that is woken finds that its peer has gone: it takes no buffer. */
static int reset_the_woken(void *arg)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct task first = {0}, second = {0};
    struct chunk chunk;
    char sink[8];

    (void)arg;
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

TEST(a_woken_stream_that_finds_no_data_passes_the_buffer_on)
{
    check_res(run(reset_the_woken, NULL), 0);
}

/* The kernel finds no buffer; before that is seen here, one comes back: nobody
 * will be woken by it, so nobody may wait for it. */
static int give_back_before_it_is_seen(void *arg)
{
    struct task other = {0};
    struct chunk chunk;

    (void)arg;
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

TEST(a_buffer_that_came_back_before_its_want_was_seen_is_not_waited_for)
{
    check_res(run(give_back_before_it_is_seen, NULL), 0);
}

/* --- older kernels, other callers ---------------------------------------- */

/* What a kernel says that does not know how it is asked. */
static void refuse(struct stream *stream)
{
    check(!op_is_in_flight(&stream->op));
    stream->asked = pool.receive;
    stream_complete(&stream->op, -EINVAL, 0);
}

static int ask_for_less(void *arg)
{
    enum bufring_receive kinds[] = {BUFRING_LIMITED, BUFRING_MULTISHOT,
                                    BUFRING_SINGLE};
    struct stream *stream;
    struct chunk chunk;

    (void)arg;
    stream = open_alone(256, SOCK_SEQPACKET, CREDIT);
    for (unsigned kind = 0; kind < 3; kind++) {
        ck_assert_uint_eq(pool.receive, kinds[kind]);
        for (unsigned i = 0; i < 40; i++)
            send_number(0, i);
        for (unsigned i = 0; i < 40; i++)
            ck_assert_uint_eq(await_number(stream), i);
        stream_await_end(stream);
        stream_init(stream, pairs[0].here, &pool, CREDIT);
        refuse(stream);
    }
    stream->is_over = false;
    pool.receive = BUFRING_LIMITED; /* two streams get the same refusal */
    refuse(stream);
    stream->asked = BUFRING_LIMITED;
    stream_complete(&stream->op, -EINVAL, 0);
    ck_assert_uint_eq(pool.receive, BUFRING_MULTISHOT);
    pool.receive = BUFRING_SINGLE;
    refuse(stream);
    /* Less than one at a time there is not: now it is an error. */
    ck_assert_uint_eq(pool.receive, BUFRING_SINGLE);
    check_res(stream_await_chunk(stream, &chunk), -EINVAL);
    return await_close_alone();
}

TEST(on_an_older_kernel_a_stream_asks_for_less)
{
    check_res(run(ask_for_less, NULL), 0);
}

/* A buffer that comes with an error is released, too. */
static int fail_with_buffer(void *arg)
{
    struct stream *stream;
    struct chunk chunk;

    (void)arg;
    stream = open_alone(16, SOCK_SEQPACKET, CREDIT);
    stream_complete(&stream->op, -ECONNRESET,
                    IORING_CQE_F_BUFFER | 5u << IORING_CQE_BUFFER_SHIFT);
    check(!stream_has_chunk(stream));
    ck_assert_uint_eq(bufring_free_count(&pool), 16);
    check_res(stream_await_chunk(stream, &chunk), -ECONNRESET);
    return await_close_alone();
}

TEST(a_buffer_that_comes_with_an_error_is_released)
{
    check_res(run(fail_with_buffer, NULL), 0);
}

static int fail_on_empty(void *arg)
{
    struct chunk held, chunk;
    char own[8];

    (void)arg;
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

TEST(a_stream_with_fail_on_empty_reports_an_empty_pool)
{
    check_res(run(fail_on_empty, NULL), 0);
}

static int read_nonblocking(void *arg)
{
    struct stream *stream;
    struct chunk chunk;

    (void)arg;
    stream = open_alone(16, SOCK_SEQPACKET | SOCK_NONBLOCK, CREDIT);
    for (int kind = BUFRING_LIMITED; kind <= BUFRING_SINGLE; kind++) {
        pool.receive = (enum bufring_receive)kind;
        deadline_set_ns(1 * MS);
        check_res(stream_await_chunk(stream, &chunk), -ETIME);
        send_number(0, 5);
        ck_assert_uint_eq(await_number(stream), 5);
        stream_await_end(stream);
        stream_init(stream, pairs[0].here, &pool, CREDIT);
    }
    return await_close_alone();
}

TEST(a_nonblocking_socket_is_waited_for_all_the_same)
{
    check_res(run(read_nonblocking, NULL), 0);
}

/* --- interruptions ------------------------------------------------------- */

static int interrupt(void *arg)
{
    struct stream *stream;
    struct chunk chunk;

    (void)arg;
    stream = open_alone(16, SOCK_SEQPACKET, CREDIT);
    for (unsigned i = 0; i < 5; i++) {
        deadline_set_ns(1 * MS);
        check_res(stream_await_chunk(stream, &chunk), -ETIME);
        check(op_is_in_flight(&stream->op)); /* it stays armed */
        send_number(0, i);
        ck_assert_uint_eq(await_number(stream), i);
    }
    task_cancel(task_current());
    check_res(stream_await_chunk(stream, &chunk), -ECANCELED);
    task_cancel(task_current());
    send_number(0, 5);
    check_res(stream_await_chunk(stream, &chunk), -ECANCELED);
    ck_assert_uint_eq(await_number(stream), 5);
    return await_close_alone();
}

TEST(an_interruption_loses_nothing)
{
    check_res(run(interrupt, NULL), 0);
}

/* What is there comes first; the interruption is delivered when it is gone. */
static int interrupt_with_data(void *arg)
{
    struct stream *stream;
    struct chunk chunk;

    (void)arg;
    stream = open_alone(256, SOCK_SEQPACKET, CREDIT);
    await_armed(stream);
    send_number(0, 0);
    send_number(0, 1);
    await_iterations(3);
    task_cancel(task_current());
    ck_assert_uint_eq(await_number(stream), 0);
    ck_assert_uint_eq(await_number(stream), 1);
    check_res(stream_await_chunk(stream, &chunk), -ECANCELED);
    return await_close_alone();
}

TEST(what_has_arrived_comes_before_an_interruption)
{
    check_res(run(interrupt_with_data, NULL), 0);
}

/* --- the end ------------------------------------------------------------- */

enum stage { NEVER_ARMED, ARMED, QUEUED, NO_BUFFER, FAILED, ENDED, LATE };

/* Ends a stream at a stage of its life. Everything has to come back. */
static int end_at(void *arg)
{
    enum stage stage = *(enum stage *)arg;
    struct stream *stream;
    struct chunk chunk;

    pool_open(stage == NO_BUFFER ? 1 : 256);
    if (stage == NO_BUFFER)
        await_hold_buffer(1, &chunk);
    stream = open_stream(0, SOCK_SEQPACKET, CREDIT);
    if (stage != NEVER_ARMED)
        await_armed(stream);
    if (stage == QUEUED || stage == NO_BUFFER)
        for (unsigned i = 0; i < 20; i++)
            send_number(0, i);
    if (stage == ENDED)
        shutdown(pairs[0].there, SHUT_WR);
    if (stage != LATE)
        await_iterations(3);
    if (stage == LATE) /* in the same submit: the data is there, unseen */
        send_number(0, 0);
    if (stage == QUEUED)
        check(stream_has_chunk(stream));
    if (stage == NO_BUFFER)
        ck_assert_uint_eq(seen.no_buffer, 1);
    stream_await_end(stream);
    check_res(stream_await_chunk(stream, &chunk), 0);
    await_close_stream(0); /* once more */
    if (stage == NO_BUFFER) {
        ck_assert_uint_eq(bufring_free_count(&pool), 0);
        await_close_stream(1);
        bufring_release(&pool, 0);
    }
    pool_close();
    return 0;
}

TEST(the_end_of_a_stream_gives_everything_back_at_every_stage)
{
    for (enum stage stage = NEVER_ARMED; stage <= LATE; stage++) {
        memset(&seen, 0, sizeof seen);
        check_res(run(end_at, &stage), 0);
    }
}

/* A task that is cancelled still ends its stream, and cannot be hurried. */
static int end_when_cancelled(void *arg)
{
    struct stream *stream;

    (void)arg;
    stream = open_alone(256, SOCK_SEQPACKET, CREDIT);
    await_armed(stream);
    send_number(0, 1);
    task_cancel(task_current());
    await_close_stream(0);
    check(stream->is_over);
    check_res(await_sleep_ns(1), -ECANCELED); /* it was kept for this */
    pool_close();
    return 0;
}

TEST(the_end_of_a_stream_cannot_be_interrupted)
{
    check_res(run(end_when_cancelled, NULL), 0);
}

/* --- everything at once -------------------------------------------------- */

#define READERS 4
#define BYTES_EACH 3000u
#define SEEDS 150u

/* Several streams share a pool; peers send messages of any size at any time;
 * tasks are interrupted, and keep chunks for a while. Each stream's bytes come
 * whole and in order. */
struct reader {
    struct task task;
    struct stream *stream; /* borrowed */
    struct random random;
    unsigned got, sent;
};

static struct reader readers[READERS];

static unsigned char byte_of(const struct reader *reader, unsigned at)
{
    return (unsigned char)(at * 31 + at / 256 + (unsigned)(reader - readers));
}

static void check_chunk(struct reader *reader, const struct chunk *chunk)
{
    for (uint32_t i = 0; i < chunk->len; i++)
        if ((unsigned char)chunk->data[i] != byte_of(reader, reader->got + i))
            ck_abort_msg("byte %u is wrong", reader->got + i);
    reader->got += chunk->len;
}

static int read_to_the_end(void *arg) /* task body */
{
    struct reader *reader = arg;
    struct chunk chunk;
    int rc;

    for (;;) {
        if (random_below(&reader->random, 4) == 0)
            deadline_set_ns(random_below(&reader->random, 20000));
        rc = stream_await_chunk(reader->stream, &chunk);
        deadline_clear();
        if (rc == -ETIME)
            continue;
        if (rc <= 0)
            return rc;
        check_chunk(reader, &chunk);
        if (random_below(&reader->random, 3) == 0)
            await_iterations((int)random_below(&reader->random, 4));
        stream_release(reader->stream, &chunk);
    }
}

/* Sends a message, if the socket takes it; after the last one, the end. */
static bool send_some(int i, struct random *random)
{
    struct reader *reader = &readers[i];
    unsigned char part[200];
    size_t len = 1 + random_below(random, sizeof part);
    ssize_t sent;

    if (reader->sent == BYTES_EACH)
        return false;
    if (len > BYTES_EACH - reader->sent)
        len = BYTES_EACH - reader->sent;
    for (size_t at = 0; at < len; at++)
        part[at] = byte_of(reader, reader->sent + (unsigned)at);
    sent = send(pairs[i].there, part, len, MSG_DONTWAIT);
    if (sent > 0)
        reader->sent += (unsigned)sent;
    if (reader->sent == BYTES_EACH)
        shutdown(pairs[i].there, SHUT_WR);
    return true;
}

static int read_and_send(void *arg)
{
    struct random random = *(struct random *)arg;
    unsigned counts[] = {1, 2, 4, 64, 256};
    bool is_sending = true;

    pool_open(counts[random_below(&random, 5)]);
    for (int i = 0; i < READERS; i++) {
        open_stream(i, TCP, 1 + (unsigned)random_below(&random, 8));
        readers[i] = (struct reader){.stream = &streams[i],
                                     .random = {random_next(&random)}};
        check_res(task_spawn(&readers[i].task, "reader", read_to_the_end,
                             &readers[i]), 0);
    }
    while (is_sending) {
        is_sending = false;
        for (int i = 0; i < READERS; i++)
            is_sending |= send_some(i, &random);
        if (random_below(&random, 2) == 0)
            await_iterations(1);
    }
    for (int i = 0; i < READERS; i++) {
        check_res(task_join(&readers[i].task), 0);
        ck_assert_uint_eq(readers[i].got, BYTES_EACH);
        await_close_stream(i);
    }
    pool_close();
    return 0;
}

TEST(whatever_happens_each_streams_bytes_come_whole_and_in_order)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct random random = {seed};

        check_res(run(read_and_send, &random), 0);
    }
}

int main(void)
{
    /* Two bursts do not fit in a CQ of two. */
    const char *small = why_ring_is_too_small();

    suite_begin("stream");
    suite_add(a_stream_brings_what_the_peer_sends_and_then_its_end);
    suite_add_unless(small, chunks_that_have_arrived_come_before_the_end);
    suite_add(a_reset_is_an_error_after_what_came_before_it);
    suite_add(an_overflowing_cq_ends_the_multishot_and_not_the_stream);
    suite_add(at_its_credit_a_stream_stops_and_goes_on_when_it_is_empty);
    suite_add(a_multishot_that_ends_while_it_is_stopped_can_be_stopped_again);
    suite_add(a_burst_does_not_exceed_the_credit);
    suite_add(where_buffers_are_scarce_a_stream_takes_one_at_a_time);
    suite_add(
        a_stream_without_a_buffer_does_not_retry_before_one_is_free);
    suite_add(a_buffer_that_comes_back_lets_one_stream_try);
    suite_add(
        a_stream_without_a_reader_keeps_no_buffer_from_others);
    suite_add(an_idle_stream_neither_needs_a_buffer_nor_waits_for_one);
    suite_add_unless(
        small, an_idle_stream_that_is_refused_a_buffer_does_not_queue_for_one);
    suite_add(a_woken_stream_that_is_cancelled_passes_the_buffer_on);
    suite_add(a_woken_stream_that_finds_no_data_passes_the_buffer_on);
    suite_add(
        a_buffer_that_came_back_before_its_want_was_seen_is_not_waited_for);
    suite_add(on_an_older_kernel_a_stream_asks_for_less);
    suite_add(a_buffer_that_comes_with_an_error_is_released);
    suite_add(a_stream_with_fail_on_empty_reports_an_empty_pool);
    suite_add(a_nonblocking_socket_is_waited_for_all_the_same);
    suite_add(an_interruption_loses_nothing);
    suite_add(what_has_arrived_comes_before_an_interruption);
    suite_add(the_end_of_a_stream_gives_everything_back_at_every_stage);
    suite_add(the_end_of_a_stream_cannot_be_interrupted);
    suite_add(whatever_happens_each_streams_bytes_come_whole_and_in_order);
    return suite_end();
}
