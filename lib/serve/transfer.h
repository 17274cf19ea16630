/* transfer.h: sends a response with exactly its Content-Length.
 * Introduced in phase 10. Needs: queue.h, slots.h, view.h.
 *
 *     head + content   one sendmsg, if all is in memory
 *     head + file      in segments: reads into a shared buffer, sends as many
 *                      bytes as the socket takes, releases the buffer, waits
 *
 * Once a head with a Content-Length is sent, that many bytes must follow. If
 * the file has become shorter, the transfer fails, and the caller must abort
 * the connection, so that the peer does not accept half a file as the whole. If
 * the file has become longer, the additional bytes are not sent.
 *
 * quiet_ms limits the time in which the peer accepts no bytes. The time
 * restarts whenever the peer accepts bytes, so a large file can be sent to a
 * slow reader. But the kernel reports the socket as writable only when a third
 * of its buffer is free. So the timeout also enforces a minimum rate: a peer
 * that reads a byte now and then is disconnected. */
#ifndef ONE_RING_TRANSFER_H
#define ONE_RING_TRANSFER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "queue.h"
#include "slots.h"
#include "view.h"

#define TRANSFER_BUFS 32u         /* transfers that can read at once */
#define TRANSFER_BUF_LEN 262144u  /* bytes */

/* The buffers for all transfers of a ring. If none is free, a task waits until
 * another task has sent from its buffer. No task holds a buffer while it waits
 * for a peer. */
struct transfer_pool {
    struct slots slots;
    struct queue waiters;
};

/* Allocates the buffers.
 *
 * Returns  0        success
 *          -ENOMEM  out of memory */
int transfer_pool_init(struct transfer_pool *pool);

/* Releases the buffers. No transfer may be running. Accepts a zeroed pool. */
void transfer_pool_finish(struct transfer_pool *pool);

/* Sends head, then body. Suspends. Borrows both; they must not change until
 * this returns. After a failure the connection is unusable.
 *
 * Returns  0             success
 *          -ETIME        the peer accepted no byte for quiet_ms
 *          -ECANCELED    the task was cancelled
 *          -EIO          the kernel sent no byte and reported no error
 *          other -errno  from sendmsg(2), for example -EPIPE, -ECONNRESET */
int transfer_await_views(int fd, struct view head, struct view body,
                         unsigned quiet_ms);

/* Sends the bytes of count segments, in order. Suspends. Borrows the bytes.
 * Afterwards the segments describe the unsent bytes. Returns the same as
 * transfer_await_views. */
int transfer_await_segments(int fd, struct iovec *segments, unsigned count,
                            unsigned quiet_ms);

/* A head and the part of a file to send after it. */
struct transfer {
    struct view head;
    int file;        /* borrowed */
    uint64_t offset; /* bytes */
    uint64_t len;    /* bytes; 0 to send only the head */
};

/* Sends the head, then the part of the file. Suspends. Afterwards *transfer
 * describes the unsent bytes. If the whole head is still unsent after a
 * failure, the caller may send another response.
 *
 * Returns  0             success
 *          -ENODATA      the file is shorter than offset + len
 *          -ETIME        the peer accepted no byte for quiet_ms
 *          -ECANCELED    the task was cancelled
 *          other -errno  from read(2), sendmsg(2) */
int transfer_await_file(struct transfer_pool *pool, int fd,
                        struct transfer *transfer, unsigned quiet_ms);

#endif
