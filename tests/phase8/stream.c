/* stream.c: one receive that answers many times: the bytes in their order, then
 * the end, no more buffers than the credit allows, on every kernel. */
#include "stream.h"

#include <errno.h>
#include <unistd.h>

#include "random.h"
#include "streams.h"

/* --- what a stream is ---------------------------------------------------- */

TASK_TEST(a_stream_brings_what_the_peer_sends_and_then_its_end)
{
    struct stream *stream;
    struct chunk chunk;

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

TASK_TEST(chunks_that_have_arrived_come_before_the_end)
{
    struct stream *stream;
    struct chunk chunk;

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

/* A server that sends chunk.data copies no byte in user space. */
TASK_TEST(a_chunk_is_in_the_buffer_that_the_kernel_filled)
{
    struct stream *stream = open_alone(256, TCP, CREDIT);
    const char *end = pool.memory + pool.count * pool.buf_len;
    struct chunk chunk;

    send_number(0, 7);
    check_res(stream_await_chunk(stream, &chunk), sizeof(unsigned));
    check(chunk.data >= pool.memory && chunk.data + chunk.len <= end);
    stream_release(stream, &chunk);
    return await_close_alone();
}

TASK_TEST(a_reset_is_an_error_after_the_chunks_before_it)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    struct stream *stream = &streams[0];
    struct chunk chunk;

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

/* --- when the kernel stops by itself ------------------------------------- */

#define OVERFLOW_CHUNKS 40u

/* The CQ has two entries. A completion that does not fit ends the multishot,
 * with a result above 0. A program that checks only the result waits
 * forever. */
TASK_TEST_WITH(an_overflowing_cq_ends_the_multishot_and_not_the_stream,
               .ring.sq_entries = 2, .ring.cq_entries = 2)
{
    struct stream *stream;

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

/* --- credit -------------------------------------------------------------- */

TASK_TEST(at_its_credit_a_stream_stops_and_goes_on_when_it_is_empty)
{
    const unsigned count = 60;
    struct stream *stream;

    stream = open_alone(256, SOCK_SEQPACKET, 4);
    await_armed(stream);
    for (unsigned i = 0; i < count; i++) {
        send_number(0, i);
        await_iterations(2);
    }
    /* The stream requests the cancel at the fourth message. A fifth may arrive
     * before the cancel takes effect. */
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

/* It is told to stop at the fourth of many small messages; but the limit in
 * bytes ends it, with a good result, before the kernel handles the cancel. */
TASK_TEST(a_multishot_that_ends_while_it_is_stopped_can_be_stopped_again)
{
    struct stream *stream;

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

/* The bytes that are in the socket when the receive starts arrive in one burst,
 * before a cancel could stop it. So the receive has a byte limit. */
TASK_TEST(a_burst_does_not_exceed_the_credit)
{
    static char bytes[100 * BUF_LEN], got[sizeof bytes];
    struct stream *stream;
    struct chunk chunk;
    size_t len = 0;

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

TASK_TEST(with_few_buffers_a_stream_takes_one_at_a_time)
{
    struct stream *stream;
    struct chunk chunk;

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

/* --- older kernels, other callers ---------------------------------------- */

/* Completes the receive as a kernel does that does not know its flags. */
static void refuse(struct stream *stream)
{
    check(!op_is_in_flight(&stream->op));
    stream->asked = pool.receive;
    stream_complete(&stream->op, -EINVAL, 0);
}

TASK_TEST(on_an_older_kernel_a_stream_asks_for_less)
{
    enum bufring_receive kinds[] = {BUFRING_LIMITED, BUFRING_MULTISHOT,
                                    BUFRING_SINGLE};
    struct stream *stream;
    struct chunk chunk;

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

/* A buffer that comes with an error is released, too. */
TASK_TEST(a_buffer_that_comes_with_an_error_is_released)
{
    struct stream *stream;
    struct chunk chunk;

    stream = open_alone(16, SOCK_SEQPACKET, CREDIT);
    stream_complete(&stream->op, -ECONNRESET,
                    IORING_CQE_F_BUFFER | 5u << IORING_CQE_BUFFER_SHIFT);
    check(!stream_has_chunk(stream));
    ck_assert_uint_eq(bufring_free_count(&pool), 16);
    check_res(stream_await_chunk(stream, &chunk), -ECONNRESET);
    return await_close_alone();
}

TASK_TEST(a_stream_waits_for_a_nonblocking_socket)
{
    struct stream *stream;
    struct chunk chunk;

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

TEST(bytes_come_whole_and_in_order_through_random_interruptions)
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
    suite_add(a_chunk_is_in_the_buffer_that_the_kernel_filled);
    suite_add(a_reset_is_an_error_after_the_chunks_before_it);
    suite_add(an_overflowing_cq_ends_the_multishot_and_not_the_stream);
    suite_add(at_its_credit_a_stream_stops_and_goes_on_when_it_is_empty);
    suite_add(a_multishot_that_ends_while_it_is_stopped_can_be_stopped_again);
    suite_add(a_burst_does_not_exceed_the_credit);
    suite_add(with_few_buffers_a_stream_takes_one_at_a_time);
    suite_add(on_an_older_kernel_a_stream_asks_for_less);
    suite_add(a_buffer_that_comes_with_an_error_is_released);
    suite_add(a_stream_waits_for_a_nonblocking_socket);
    suite_add(bytes_come_whole_and_in_order_through_random_interruptions);
    return suite_end();
}
