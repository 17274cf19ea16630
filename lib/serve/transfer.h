/* transfer.h: a response to the socket, its Content-Length kept as a promise.
 * Introduced in phase 10. Needs: queue.h, slots.h, view.h.
 *
 *     head + content          one sendmsg, when all is in memory
 *     head + file             in segments: read into one of a few shared
 *                             buffers, send what the socket takes, release
 *                             the buffer, wait
 *
 * Once a head with a Content-Length is out, that many bytes must follow. If the
 * file has become shorter they do not exist: then the transfer fails and the
 * connection must be aborted, so that the peer does not take half a file for
 * the whole. If it has become longer, the rest is not sent.
 *
 * The deadline is a quiet time: it starts anew whenever the peer has taken
 * something, since a large file to a slow reader is no fault. But the kernel
 * tells of room only when a third of the socket's buffer is free, so it is a
 * least speed, too: who takes a byte now and then is cut off. */
#ifndef ONE_RING_TRANSFER_H
#define ONE_RING_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "queue.h"
#include "slots.h"
#include "view.h"

#define TRANSFER_BUFS 32u         /* transfers that read at a time */
#define TRANSFER_BUF_LEN 262144u  /* bytes */

/* The buffers of a ring's transfers; who finds none waits its turn, which comes
 * when a file has been read: no buffer is held while a peer is waited for. */
struct transfer_pool {
    struct slots slots;
    struct queue waiters;
};

/* Returns 0 or -ENOMEM. */
int transfer_pool_init(struct transfer_pool *pool);

/* No transfer may be under way. Accepts a zeroed pool. */
void transfer_pool_finish(struct transfer_pool *pool);

/* Sends head, then body. Both stay the caller's, unchanged, until this returns.
 * Returns 0; -ETIME if the peer took nothing for quiet_ms; -ECANCELED; -EPIPE,
 * -ECONNRESET, ... In every case but 0 the connection is good for nothing. */
int transfer_await_views(int fd, struct view head, struct view body,
                         unsigned quiet_ms);

/* A part of a file, to be sent after a head. */
struct transfer {
    struct view head;
    int file;        /* borrowed */
    uint64_t offset; /* bytes */
    uint64_t len;    /* bytes; 0: the head alone */
};

/* Sends it, and leaves in *transfer what remains: after a failure that found
 * the head untouched, something else may be said in its place. Returns as
 * transfer_await_views, or -ENODATA if the file is shorter, or the -errno of
 * reading it. */
int transfer_await_file(struct transfer_pool *pool, int fd,
                        struct transfer *transfer, unsigned quiet_ms);

#endif
