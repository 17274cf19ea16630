/* stream.c: a multishot receive as a stream of pieces; see stream.h.
 * Introduced in phase 8. Needs: stream.h.
 *
 * What it teaches: who owns what when one operation answers many times. Each CQE
 * brings a buffer, which is taken before anything else is looked at; the
 * operation itself is the kernel's until the CQE without F_MORE. */
#include "stream.h"

#include <assert.h>
#include <errno.h>

static void wake_waiter(struct stream *stream)
{
    struct task *waiter = stream->waiter;

    stream->waiter = NULL;
    if (waiter != NULL)
        task_make_ready(waiter);
}

static void on_buffer(struct bufring_waiter *waiter)
{
    struct stream *stream = container_of(waiter, struct stream, starved);

    stream->is_starved = false;
    wake_waiter(stream); /* who asks the kernel again, if anybody waits */
}

static void enqueue(struct stream *stream, uint16_t id)
{
    if (stream->held++ == 0)
        stream->first = id;
    else
        stream->bufring->entries[stream->last].next = id;
    stream->last = id;
}

/* The end of one multishot: of the stream too, or only of this one? */
static void on_terminal(struct stream *stream, int result)
{
    bool was_asked = stream->is_stopping;

    stream->is_stopping = false;
    if (result > 0 || (was_asked && result == -ECANCELED))
        return; /* await_chunk starts another one */
    if (result == -ENOBUFS) {
        stream->is_starved = true;
        bufring_wait(stream->bufring, &stream->starved);
        return;
    }
    stream->is_over = true;
    stream->result = result;
}

static void on_complete(struct op *op, int result, uint32_t flags)
{
    struct stream *stream = container_of(op, struct stream, op);

    if (flags & IORING_CQE_F_BUFFER) {
        uint16_t id = bufring_take(stream->bufring, flags,
                                   result > 0 ? (size_t)result : 0);

        if (result > 0)
            enqueue(stream, id);
        else
            bufring_give_back(stream->bufring, id);
    }
    if (!(flags & IORING_CQE_F_MORE)) {
        on_terminal(stream, result);
    } else if (stream->held >= stream->credit && !stream->is_stopping) {
        stream->is_stopping = true;
        loop_cancel(&stream->op);
    }
    wake_waiter(stream);
}

/* Nothing has to end for an interruption: the receive may stay armed, and what
 * it brings is queued for the next call. */
static void on_interrupt(struct task_wait *wait)
{
    wake_waiter(container_of(wait, struct stream, wait));
}

void stream_init(struct stream *stream, int fd, struct bufring *bufring,
                 unsigned credit)
{
    assert(credit > 0);
    *stream = (struct stream){
        .op.complete = on_complete,
        .fd = fd,
        .bufring = bufring,
        .starved.wake = on_buffer,
        .wait.interrupt = on_interrupt,
        .credit = credit,
    };
}

static void arm(struct stream *stream)
{
    struct io_uring_sqe *sqe = loop_sqe(&stream->op);

    io_uring_prep_recv_multishot(sqe, stream->fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = (uint16_t)stream->bufring->group;
}

static void park(struct stream *stream, struct task_wait *wait)
{
    assert(stream->waiter == NULL);
    stream->waiter = task_current();
    task_park(wait);
}

static void dequeue(struct stream *stream, struct chunk *chunk)
{
    struct bufring *bufring = stream->bufring;
    uint16_t id = stream->first;

    chunk->id = id;
    chunk->data = bufring_data(bufring, id);
    chunk->len = bufring->entries[id].len;
    stream->first = bufring->entries[id].next;
    stream->held--;
}

int await_chunk(struct stream *stream, struct chunk *chunk)
{
    while (stream->held == 0) {
        if (stream->is_over)
            return stream->result;
        if (task_current()->interruption != 0)
            return task_take_interruption();
        if (!op_is_in_flight(&stream->op) && !stream->is_starved) {
            await_place();
            arm(stream);
        }
        park(stream, &stream->wait);
    }
    dequeue(stream, chunk);
    return (int)chunk->len;
}

void stream_give_back(struct stream *stream, struct chunk *chunk)
{
    bufring_give_back(stream->bufring, chunk->id);
    chunk->data = NULL;
    chunk->len = 0;
}

void await_stream_end(struct stream *stream)
{
    struct chunk chunk;

    if (stream->is_starved) {
        bufring_leave(stream->bufring, &stream->starved);
        stream->is_starved = false;
    }
    stream->is_over = true;
    if (op_is_in_flight(&stream->op) && !stream->is_stopping) {
        stream->is_stopping = true;
        loop_cancel(&stream->op);
    }
    while (op_is_in_flight(&stream->op))
        park(stream, NULL);
    if (stream->is_starved) { /* its last word was -ENOBUFS */
        bufring_leave(stream->bufring, &stream->starved);
        stream->is_starved = false;
    }
    while (stream->held > 0) {
        dequeue(stream, &chunk);
        stream_give_back(stream, &chunk);
    }
}
