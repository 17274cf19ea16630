/* stream_end.c: streams whose task is cancelled or has a deadline, and streams
 * that are ended at every stage of their lives. Nothing is lost or kept. */
#include "stream.h"

#include <errno.h>

#include "streams.h"

TASK_TEST(an_interruption_of_a_stream_loses_no_byte)
{
    struct stream *stream;
    struct chunk chunk;

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

/* The stream first returns the chunks that have arrived, and then the
 * interruption. */
TASK_TEST(chunks_that_have_arrived_come_before_an_interruption)
{
    struct stream *stream;
    struct chunk chunk;

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

TEST(ending_a_stream_releases_everything_at_every_stage)
{
    for (enum stage stage = NEVER_ARMED; stage <= LATE; stage++) {
        memset(&seen, 0, sizeof seen);
        check_res(run(end_at, &stage), 0);
    }
}

/* A task that is cancelled still ends its stream, and cannot be hurried. */
TASK_TEST(the_end_of_a_stream_cannot_be_interrupted)
{
    struct stream *stream;

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

int main(void)
{
    suite_begin("stream_end");
    suite_add(an_interruption_of_a_stream_loses_no_byte);
    suite_add(chunks_that_have_arrived_come_before_an_interruption);
    suite_add(ending_a_stream_releases_everything_at_every_stage);
    suite_add(the_end_of_a_stream_cannot_be_interrupted);
    return suite_end();
}
