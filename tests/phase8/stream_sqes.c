/* stream_sqes.c: which receive a stream submits. A stream that asked for every
 * message, or whose receive did not wait for data first, would bring the same
 * bytes. */
#include "stream.h"

#include "streams.h"

static unsigned receives;
static struct io_uring_sqe last;

static void note_receive(const struct ring *ring,
                         const struct io_uring_sqe *sqe,
                         const struct io_uring_cqe *cqe)
{
    (void)ring, (void)cqe;
    if (sqe == NULL || sqe->opcode != IORING_OP_RECV)
        return;
    receives++;
    last = *sqe;
}

TASK_TEST(a_stream_receives_several_messages_by_one_multishot)
{
    struct stream *stream = open_alone(256, SOCK_SEQPACKET, CREDIT);

    await_armed(stream);
    ck_assert_uint_eq(last.ioprio, IORING_RECV_MULTISHOT);
    for (unsigned i = 0; i < CREDIT - 1; i++) {
        send_number(0, i);
        ck_assert_uint_eq(await_number(stream), i);
    }
    ck_assert_uint_eq(receives, 1);
    return await_close_alone();
}

/* Without POLL_FIRST, a receive takes a buffer, finds no data, and puts the
 * buffer back; without a free buffer, it fails although no data has arrived. */
TASK_TEST(a_single_receive_waits_for_data_before_it_takes_a_buffer)
{
    struct stream *stream = open_alone(8, SOCK_SEQPACKET, CREDIT);

    await_armed(stream);
    ck_assert_uint_eq(receives, 1);
    ck_assert_uint_eq(last.ioprio, IORING_RECVSEND_POLL_FIRST);
    send_number(0, 7);
    ck_assert_uint_eq(await_number(stream), 7);
    return await_close_alone();
}

int main(void)
{
    ring_hook = note_receive; /* before the first ring */
    suite_begin("stream_sqes");
    suite_add_unless(why_ring_is_too_small(),
                     a_stream_receives_several_messages_by_one_multishot);
    suite_add(a_single_receive_waits_for_data_before_it_takes_a_buffer);
    return suite_end();
}
