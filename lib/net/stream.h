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
 * One SQE, many CQEs, each with a buffer of the shared pool. The stream queues
 * what arrives until stream_await_chunk() takes it, at most about `credit`
 * buffers. Then the kernel stops, and goes on when the queue is empty. So a
 * peer that sends faster than it is served waits in its own TCP window.
 *
 * A multishot that only a cancel can stop brings as much as the socket holds
 * before the kernel handles the cancel. From Linux 6.17 on, the receive itself
 * has a limit of bytes after which it stops. When half of the pool is in use, a
 * stream requests one buffer at a time, so that slow readers cannot hold the
 * whole pool.
 *
 * Rules
 *  - IORING_CQE_F_MORE tells whether the kernel goes on, not the result: an
 *    overflowing CQ ends a multishot with a good result.
 *  - Do call stream_await_end before closing the fd: a close would neither stop
 *    the receive nor tell the peer, and the late data would hold buffers.
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
    char *data; /* of the pool; yours until stream_release */
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
    bool fail_on_empty;   /* set it: an empty pool is -ENOBUFS, not a wait */
    bool no_buffer;       /* the last receive found data and no buffer */
    bool wants_buffer;    /* buffer_waiter is queued, while a task waits */
    bool is_stopping;     /* the kernel was asked to stop */
    bool is_over;         /* nothing more will come: result says why */
    struct bufring_waiter buffer_waiter; /* notified when a buffer is free */
    enum bufring_receive asked;   /* how the last receive was submitted */
    int result;                   /* 0: the peer has ended; or -errno */
};

/* Makes a stream of what fd receives. Submits nothing yet. */
void stream_init(struct stream *stream, int fd, struct bufring *bufring,
                 unsigned credit);

/* Suspends until there is a chunk. Returns its length (> 0), and the caller
 * owns the chunk; 0 at the end of the input; -ECANCELED or -ETIME if the task
 * was interrupted: nothing is lost, call again; -ENOBUFS if fail_on_empty is
 * set and no buffer is free: receive into your own memory, once, and call
 * again; another -errno if the connection failed. 0 and errors come after all
 * chunks that had arrived before them. */
int stream_await_chunk(struct stream *stream, struct chunk *chunk);

/* Releases a chunk's buffer to the pool. */
void stream_release(struct stream *stream, struct chunk *chunk);

/* True if stream_await_chunk would not have to wait. */
static inline bool stream_has_chunk(const struct stream *stream)
{
    return stream->held > 0;
}

/* Stops the receive, suspends until its last CQE has come, and releases all
 * queued chunks. Cannot be interrupted. Safe to repeat. */
void stream_await_end(struct stream *stream);

#endif
