/* stream.h: a multishot receive as a stream of pieces.
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
 * what arrives until somebody asks for it, at most about `credit` buffers: then
 * the kernel stops, and goes on when the queue is empty. So a peer that sends
 * faster than it is served waits in its own TCP window.
 *
 * A multishot that only a cancel can stop brings as much as the socket holds
 * before the cancel is heard. Where the kernel has it (6.17), it is told with
 * the receive after how many bytes to stop. And when half of the pool is gone,
 * a stream asks for one buffer at a time: those that do not take what they
 * asked for shall not have it all.
 *
 * Rules
 *  - Whether the kernel goes on is IORING_CQE_F_MORE's to say, never the
 *    result's: an overflowing CQ ends a multishot with a good result.
 *  - Do call stream_await_end before closing the fd: a close would neither stop
 *    the receive nor tell the peer, and the late data would hold buffers.
 *  - One task at a time waits for a stream.
 *  - Do not use multishot on Unix stream sockets: set bufring->receive to
 *    BUFRING_SINGLE. Since Linux 6.17 one that hears of data and of the end at
 *    once never says the end (liburing issue 1549; repaired in 7.0 and in later
 *    releases of older kernels). TCP is not affected.
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
    enum bufring_receive asked;   /* how the last receive was asked for */
    int result;                   /* 0: the peer has ended; or -errno */
};

/* Makes a stream of what fd receives. Nothing is asked of the kernel yet. */
void stream_init(struct stream *stream, int fd, struct bufring *bufring,
                 unsigned credit);

/* Suspends until there is a piece. Returns its length (> 0), and the chunk is
 * the caller's; 0 at the end of the input; -ECANCELED or -ETIME if the task was
 * interrupted, and nothing is lost: ask again; -ENOBUFS if the stream
 * fail_on_empty and no buffer is free: receive into memory of your own, once,
 * and ask again; another -errno if the connection failed. 0 and errors come
 * after all that had arrived before them. */
int stream_await_chunk(struct stream *stream, struct chunk *chunk);

/* Gives a chunk's buffer back to the pool. */
void stream_release(struct stream *stream, struct chunk *chunk);

/* True if stream_await_chunk would not have to wait. */
static inline bool stream_has_chunk(const struct stream *stream)
{
    return stream->held > 0;
}

/* Stops the receive, suspends until the kernel has let go of it, and gives back
 * all that was queued. Cannot be interrupted. Safe to repeat. */
void stream_await_end(struct stream *stream);

#endif
