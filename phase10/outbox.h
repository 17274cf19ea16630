/* outbox.h: the answers of one connection that are not sent yet.
 *
 * What it teaches: a send costs more than the bytes in it. A client that
 * pipelines sends many requests in one packet. If each answer had its own send,
 * each would also have its own packet, acknowledgement and wake-up of the
 * client. So answers are collected, and sent when the task has to wait:
 *
 *     request 1, 2, 3 --> [ answer 1 | answer 2 | head 3 ] [ body 3 ]
 *                           bytes of the outbox             a copy in the cache
 *                          `------------- one sendmsg ----------------'
 *
 * The outbox is bounded. If it is full, the task sends it, and waits until the
 * socket has taken it, before it answers the next request. So a client that
 * sends many requests and reads no answers costs one outbox. */
#ifndef PHASE10_OUTBOX_H
#define PHASE10_OUTBOX_H

#include <stddef.h>

#include "view.h"

/* Bytes that are collected. A batch of requests fills a receive buffer of 16
 * KiB; more bytes per send save little. */
#define OUTBOX_LEN 65536u

struct outbox {
    int fd;     /* borrowed: a socket */
    size_t len; /* bytes that are not sent yet */
    char bytes[OUTBOX_LEN];
};

/* Makes an empty outbox. Borrows fd. Does not clear the bytes. */
static inline void outbox_init(struct outbox *outbox, int fd)
{
    outbox->fd = fd;
    outbox->len = 0;
}

/* Returns how many bytes can be written at outbox->bytes + outbox->len. */
static inline size_t outbox_room(const struct outbox *outbox)
{
    return sizeof outbox->bytes - outbox->len;
}

/* Sends all bytes of the outbox, and then body, which may be empty, in one
 * operation if the socket takes them. Empties the outbox. Does nothing if there
 * is nothing to send. Otherwise suspends, and replaces the task's deadline.
 *
 * Returns 0       success
 *         -errno  from transfer_await_views: the connection is unusable */
int outbox_await_send(struct outbox *outbox, struct view body,
                      unsigned quiet_ms);

#endif
