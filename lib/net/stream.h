/* stream.h: turns a multishot receive into a stream of chunks.
 * Introduced in phase 8. Needs: bufring.h, loop.h, task.h.
 *
 *     struct stream in;
 *     struct chunk chunk;
 *
 *     stream_init(&in, fd, &bufring, 8);
 *     while ((rc = stream_await_chunk(&in, &chunk)) > 0) {
 *         ... chunk.data[0..chunk.len) ...
 *         stream_release(&in, &chunk);
 *     }
 *     stream_await_end(&in);
 *
 * One SQE produces many CQEs, each with a buffer of the shared pool. The stream
 * queues these chunks until stream_await_chunk() takes them. When about
 * `credit` chunks are queued, the stream stops the receive until the queue is
 * empty. So TCP's flow control slows a peer that sends faster than the program
 * takes chunks.
 *
 * Before Linux 6.17, only a cancel stops a multishot, and the kernel may
 * deliver all the data of the socket before it handles the cancel. Since 6.17,
 * a receive can have a byte limit, after which it stops. When half of the pool
 * is in use, a stream requests one buffer at a time, so that slow readers
 * cannot hold the whole pool.
 *
 * Rules
 *  - Only IORING_CQE_F_MORE shows whether the receive continues. The result
 *    does not show it: a full CQ ends a multishot with a result above 0.
 *  - Call stream_await_end before closing the fd. The close alone would neither
 *    stop the receive nor notify the peer, and late data would take buffers.
 *  - Only one task at a time may wait for a stream.
 *  - Do not use multishot on Unix stream sockets: set bufring->receive to
 *    BUFRING_SINGLE. Since Linux 6.17, if data and EOF arrive together, the
 *    multishot receive never reports EOF (liburing issue 1549; fixed in 7.0 and
 *    in later releases of older kernels). TCP is not affected.
 *
 * Source: io_uring_prep_recv_multishot(3). */
#ifndef ONE_RING_STREAM_H
#define ONE_RING_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "bufring.h"
#include "loop.h"
#include "task.h"

struct chunk {
    char *data; /* borrowed from the pool until stream_release */
    uint32_t len;
    uint16_t id;
};

struct stream {
    struct op op;
    int fd;                  /* borrowed */
    struct bufring *bufring; /* borrowed */
    struct task_wait wait;
    struct task *waiter; /* borrowed: the task that waits, or NULL */
    void (*notify)(struct stream *stream); /* of stream_notify, or NULL */
    unsigned credit;
    unsigned held;        /* buffers queued */
    uint16_t first, last; /* ids at the ends of the queue, if held > 0 */
    struct msghdr *layout; /* borrowed: for datagrams (udp.h); or NULL */
    bool fail_on_empty;   /* set by the caller: do not wait for a buffer */
    bool no_buffer;       /* the last receive found data but no buffer */
    bool wants_buffer;    /* buffer_waiter is queued */
    bool is_stopping;     /* the receive was cancelled */
    bool is_over;         /* no more data will arrive; result has the reason */
    struct bufring_waiter buffer_waiter; /* woken when a buffer is free */
    enum bufring_receive asked;   /* the kind of the last receive */
    int result;                   /* 0: end of input; or -errno */
};

/* Initializes a stream of the data that fd receives. The stream queues about
 * `credit` buffers at most; credit must be above 0. Borrows fd and bufring.
 * Submits nothing yet. */
void stream_init(struct stream *stream, int fd, struct bufring *bufring,
                 unsigned credit);

/* Suspends until a chunk is available. The caller owns the chunk until
 * stream_release. Reports the end of input or an error only after it has
 * returned all chunks that arrived earlier.
 *
 * Returns  > 0           the chunk's length in bytes
 *          0             end of input
 *          -ECANCELED    the task was cancelled; no data is lost
 *          -ETIME        the deadline passed; no data is lost
 *          -ENOBUFS      fail_on_empty is set and no buffer is free: receive
 *                        once into your own memory, then call again
 *          other -errno  from recv(2): the connection failed */
int stream_await_chunk(struct stream *stream, struct chunk *chunk);

/* Releases a chunk's buffer to the pool. Does not suspend. */
void stream_release(struct stream *stream, struct chunk *chunk);

/* Returns true if stream_await_chunk would return a chunk without waiting. */
static inline bool stream_has_chunk(const struct stream *stream)
{
    return stream->held > 0;
}

/* Returns true if stream_await_chunk would return without waiting. */
bool stream_is_ready(const struct stream *stream);

/* Makes the stream call notify once: when it is ready, or when a task has to
 * call stream_await_chunk to start another receive. Starts a receive if none is
 * in flight. This is for a connection without a task: no task may wait for the
 * stream until notify has been called. notify must not suspend. Does not
 * suspend.
 *
 * Returns true   notify will be called
 *         false  the stream is ready, or no operation can be started now */
bool stream_notify(struct stream *stream,
                   void (*notify)(struct stream *stream));

/* Takes the oldest queued chunk. stream_has_chunk must be true (asserted). Does
 * not suspend. */
void stream_take_chunk(struct stream *stream, struct chunk *chunk);

/* Stops the receive, and suspends until its last CQE. Chunks stay queued, but
 * the stream takes no more buffers from the pool. stream_await_chunk starts a
 * new receive when the queue is empty. Cannot be interrupted. */
void stream_await_pause(struct stream *stream);

/* Stops the receive, suspends until its last CQE, and releases all queued
 * chunks. Cannot be interrupted. May be called again. */
void stream_await_end(struct stream *stream);

#endif
