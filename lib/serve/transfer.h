/* transfer.h: a response to the socket, of exactly its Content-Length.
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
 * The deadline is a quiet time: it starts again whenever the peer has taken
 * something, since a large file to a slow reader is not a fault. But the kernel
 * reports room only when a third of the socket's buffer is free, so the timeout
 * is also a minimum rate: a peer that reads a byte now and then is
 * disconnected. */
#ifndef ONE_RING_TRANSFER_H
#define ONE_RING_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "queue.h"
#include "slots.h"
#include "view.h"

#define TRANSFER_BUFS 32u         /* transfers that read at a time */
#define TRANSFER_BUF_LEN 262144u  /* bytes */

/* The buffers of a ring's transfers. A task that finds none waits until another
 * one has sent from its buffer: no task holds one while it waits for a peer. */
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
 * the head untouched, another response may be sent instead. Returns as
 * transfer_await_views, or -ENODATA if the file is shorter, or the -errno of
 * reading it. */
int transfer_await_file(struct transfer_pool *pool, int fd,
                        struct transfer *transfer, unsigned quiet_ms);

#endif
