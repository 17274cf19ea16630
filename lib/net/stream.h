/* stream.h: a multishot receive as a stream of chunks.
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
 * One SQE leads to many CQEs, each with a buffer of the shared pool. The stream
 * queues about `credit` chunks at most until stream_await_chunk() takes them.
 * Then it stops the receive, and starts it again when the queue is empty. So
 * TCP's window stops a peer that sends faster than it is served.
 *
 * If only a cancel can stop a multishot, it may deliver all the data of the
 * socket before the kernel handles the cancel. From Linux 6.17 on, the receive
 * itself has a limit of bytes after which it stops. When half of the pool is in
 * use, a stream requests one buffer at a time, so that slow readers cannot hold
 * the whole pool.
 *
 * Rules
 *  - IORING_CQE_F_MORE shows whether the receive continues, not the result: a
 *    full CQ ends a multishot with a result above 0.
 *  - Call stream_await_end before closing the fd: a close would neither stop
 *    the receive nor notify the peer, and late data would hold buffers.
 *  - One task at a time waits for a stream.
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
    struct task *waiter; /* borrowed: parked here, or NULL */
    unsigned credit;
    unsigned held;        /* buffers queued */
    uint16_t first, last; /* of the queue, if held > 0 */
    bool fail_on_empty;   /* set by the caller: do not wait for a buffer */
    bool no_buffer;       /* the last receive found data and no buffer */
    bool wants_buffer;    /* buffer_waiter is queued, while a task waits */
    bool is_stopping;     /* the receive was cancelled */
    bool is_over;         /* no more data will arrive; result has the reason */
    struct bufring_waiter buffer_waiter; /* notified when a buffer is free */
    enum bufring_receive asked;   /* how the last receive was submitted */
    int result;                   /* 0: end of input; or -errno */
};

/* Makes a stream of the data that fd receives, with at most about credit (above
 * 0) buffers queued. Borrows fd and bufring. Submits nothing yet. */
void stream_init(struct stream *stream, int fd, struct bufring *bufring,
                 unsigned credit);

/* Suspends until there is a chunk. The caller owns the chunk until
 * stream_release. The end and errors are returned after all chunks that arrived
 * before them.
 *
 * Returns  > 0           the chunk's length in bytes
 *          0             end of input
 *          -ECANCELED    the task was cancelled; no data is lost
 *          -ETIME        its deadline passed; no data is lost
 *          -ENOBUFS      fail_on_empty is set and no buffer is free: receive
 *                        once into memory of the caller, then call again
 *          other -errno  from recv(2): the connection failed */
int stream_await_chunk(struct stream *stream, struct chunk *chunk);

/* Releases a chunk's buffer to the pool. Does not suspend. */
void stream_release(struct stream *stream, struct chunk *chunk);

/* True if stream_await_chunk would return a chunk without waiting. */
static inline bool stream_has_chunk(const struct stream *stream)
{
    return stream->held > 0;
}

/* Stops the receive, suspends until its last CQE has come, and releases all
 * queued chunks. Cannot be interrupted. Safe to repeat. */
void stream_await_end(struct stream *stream);

#endif
