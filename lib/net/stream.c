/* stream.c: turns a multishot receive into a stream of chunks; see stream.h.
 * Introduced in phase 8. Needs: stream.h.
 *
 * What it teaches: ownership when one operation has many CQEs. If a CQE has a
 * buffer, the stream takes it whatever the result is. The kernel owns the
 * operation itself until the CQE without F_MORE. */
#include "stream.h"

#include <assert.h>
#include <errno.h>

static void wake_waiter(struct stream *stream)
{
    struct task *waiter = stream->waiter;
    void (*notify)(struct stream *) = stream->notify;

    stream->waiter = NULL;
    stream->notify = NULL;
    if (waiter != NULL)
        task_make_ready(waiter);
    if (notify != NULL)
        notify(stream);
}

static void stream_on_buffer(struct bufring_waiter *waiter)
{
    struct stream *stream = container_of(waiter, struct stream, buffer_waiter);

    stream->wants_buffer = false;
    wake_waiter(stream);
}

/* Handles the last CQE of a receive. Decides whether the stream is over, or
 * whether stream_await_chunk has to start another receive. */
static void stream_on_terminal(struct stream *stream, int result)
{
    struct bufring *bufring = stream->bufring;
    bool was_asked = stream->is_stopping;

    stream->is_stopping = false;
    if (result > 0)
        return; /* stream_await_chunk starts another receive */
    if (result == -ENOBUFS) {
        /* A multishot may end with -ENOBUFS even without data. Then
         * stream_await_chunk tries a single receive, which waits for data
         * first. */
        stream->no_buffer =
            stream->asked == BUFRING_SINGLE || stream->layout != NULL;
        bufring->empty_count++;
        return;
    }
    bufring_wake_next(bufring); /* this receive took no buffer */
    if (was_asked && result == -ECANCELED)
        return;
    if (result == -EINVAL && stream->asked < BUFRING_SINGLE &&
        stream->layout == NULL) {
        if (bufring->receive == stream->asked)
            bufring->receive++; /* an older kernel: use the next kind */
        return;
    }
    stream->is_over = true;
    stream->result = result;
}

static void stream_on_complete(struct op *op, int result, uint32_t flags)
{
    struct stream *stream = container_of(op, struct stream, op);

    if (flags & IORING_CQE_F_BUFFER) {
        uint16_t id = bufring_take(stream->bufring, flags,
                                   result > 0 ? (size_t)result : 0);

        if (result <= 0) {
            bufring_release(stream->bufring, id);
        } else {
            if (stream->held++ == 0)
                stream->first = id;
            else
                stream->bufring->entries[stream->last].next = id;
            stream->last = id;
        }
    }
    if (!(flags & IORING_CQE_F_MORE)) {
        stream_on_terminal(stream, result);
    } else if (stream->held >= stream->credit && !stream->is_stopping) {
        stream->is_stopping = true;
        loop_cancel(&stream->op);
    }
    wake_waiter(stream);
}

/* Wakes the task. The receive stays armed, and its data is queued for the next
 * call. */
static void stream_on_interrupt(struct task_wait *wait)
{
    wake_waiter(container_of(wait, struct stream, wait));
}

void stream_init(struct stream *stream, int fd, struct bufring *bufring,
                 unsigned credit)
{
    assert(credit > 0 && credit <= INT32_MAX / bufring->buf_len);
    *stream = (struct stream){
        .op.complete = stream_on_complete,
        .fd = fd,
        .bufring = bufring,
        .buffer_waiter.wake = stream_on_buffer,
        .wait.interrupt = stream_on_interrupt,
        .credit = credit,
    };
}

/* Returns the kind of the next receive. For datagrams it is a multishot. For a
 * byte stream it is a single receive if at most half of the buffers, or fewer
 * than 2 * credit buffers, are free. Otherwise it is the best kind that the
 * kernel has. */
static enum bufring_receive best_receive(const struct stream *stream)
{
    const struct bufring *bufring = stream->bufring;
    unsigned free_count = bufring_free_count(bufring);

    if (stream->layout != NULL)
        return BUFRING_MULTISHOT; /* datagrams need recvmsg */
    if (free_count <= bufring->count / 2 || free_count < 2 * stream->credit)
        return BUFRING_SINGLE;
    return bufring->receive;
}

/* Submits a receive. Without POLL_FIRST, a multishot may return -ENOBUFS before
 * there is data. A single receive, and a multishot of datagrams, wait for data
 * first, so their -ENOBUFS means that there is data. The stream waits for a
 * buffer only after such an -ENOBUFS. Otherwise idle connections would queue
 * for buffers. */
static void arm(struct stream *stream)
{
    struct io_uring_sqe *sqe = loop_sqe(&stream->op);

    stream->no_buffer = false;
    stream->asked = best_receive(stream);
    if (stream->asked == BUFRING_SINGLE) {
        io_uring_prep_recv(sqe, stream->fd, NULL, 0, 0);
        sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
    } else if (stream->layout != NULL) {
        /* With MSG_TRUNC the kernel reports the full length of a datagram that
         * is longer than its buffer. */
        io_uring_prep_recvmsg_multishot(sqe, stream->fd, stream->layout,
                                        MSG_TRUNC);
        sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
    } else {
        io_uring_prep_recv_multishot(sqe, stream->fd, NULL, 0, 0);
    }
    if (stream->asked == BUFRING_LIMITED) /* "optlen" in newer headers */
        sqe->file_index = stream->credit * (uint32_t)stream->bufring->buf_len;
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = (uint16_t)stream->bufring->group;
}

/* Suspends until a CQE arrives, a buffer is free, or the task is
 * interrupted. */
static void stream_await_event(struct stream *stream, struct task_wait *wait)
{
    assert(stream->waiter == NULL);
    stream->waiter = task_current();
    task_park(wait);
}

/* Waits until a buffer is released. If the task is also interrupted, it does
 * not use the buffer, so it wakes the next waiter. */
static void stream_await_buffer(struct stream *stream)
{
    stream->wants_buffer = true;
    bufring_wait(stream->bufring, &stream->buffer_waiter);
    stream_await_event(stream, &stream->wait);
    if (stream->wants_buffer)
        bufring_leave(stream->bufring, &stream->buffer_waiter);
    else if (task_current()->interruption != 0)
        bufring_wake_next(stream->bufring);
    stream->wants_buffer = false;
}

void stream_take_chunk(struct stream *stream, struct chunk *chunk)
{
    struct bufring *bufring = stream->bufring;
    uint16_t id = stream->first;

    assert(stream->held > 0);
    chunk->id = id;
    chunk->data = bufring_data(bufring, id);
    chunk->len = bufring->entries[id].len;
    stream->first = bufring->entries[id].next;
    stream->held--;
}

int stream_await_chunk(struct stream *stream, struct chunk *chunk)
{
    while (stream->held == 0) {
        if (stream->is_over)
            return stream->result;
        if (task_current()->interruption != 0)
            return task_take_interruption();
        if (op_is_in_flight(&stream->op)) {
            stream_await_event(stream, &stream->wait);
        } else if (stream->no_buffer &&
                   bufring_free_count(stream->bufring) == 0) {
            if (stream->fail_on_empty)
                return -ENOBUFS;
            stream_await_buffer(stream);
        } else {
            loop_await_slot();
            arm(stream);
        }
    }
    stream_take_chunk(stream, chunk);
    return (int)chunk->len;
}

bool stream_is_ready(const struct stream *stream)
{
    return stream->held > 0 || stream->is_over ||
           (stream->no_buffer && stream->fail_on_empty &&
            bufring_free_count(stream->bufring) == 0);
}

bool stream_notify(struct stream *stream, void (*notify)(struct stream *stream))
{
    assert(stream->waiter == NULL && stream->notify == NULL);
    if (stream_is_ready(stream))
        return false;
    if (!op_is_in_flight(&stream->op)) {
        if (!loop_has_slot())
            return false;
        arm(stream);
    }
    stream->notify = notify;
    return true;
}

void stream_release(struct stream *stream, struct chunk *chunk)
{
    bufring_release(stream->bufring, chunk->id);
    chunk->data = NULL;
    chunk->len = 0;
}

void stream_await_pause(struct stream *stream)
{
    if (op_is_in_flight(&stream->op) && !stream->is_stopping) {
        stream->is_stopping = true;
        loop_cancel(&stream->op);
    }
    while (op_is_in_flight(&stream->op))
        stream_await_event(stream, NULL);
}

void stream_await_end(struct stream *stream)
{
    struct chunk chunk;

    stream->is_over = true;
    stream_await_pause(stream);
    while (stream->held > 0) {
        stream_take_chunk(stream, &chunk);
        stream_release(stream, &chunk);
    }
}
