/* outbox.h: the answers of one connection that are not sent yet.
 *
 * What it teaches: a send costs more than the bytes in it. A client that
 * pipelines sends many requests in one packet. If each answer had its own send,
 * each would also have its own packet, acknowledgement and wake-up of the
 * client. So answers are collected, and sent when the task has to wait:
 *
 *     request 1, 2, 3 --> [ answer 1 | answer 2 | head 3 ] [ body 3 ]
 *                          `---- bytes of the outbox ----'  a copy in the cache
 *                          `---------------- one sendmsg ---------------------'
 *
 * The outbox is bounded. If it is full, the task sends it, and waits until the
 * socket has taken it, before it answers the next request. So a client that
 * sends many requests and reads no answers costs one outbox.
 *
 * Once the first byte of an answer is sent, the answer must be sent to its end.
 * If that fails, the outbox sets conn->aborts: the connection is reset, so that
 * the peer does not take the part that it received for the whole. */
#ifndef PHASE10_OUTBOX_H
#define PHASE10_OUTBOX_H

#include <assert.h>
#include <stddef.h>

#include "cache.h"
#include "http_limits.h"
#include "range.h"
#include "records.h"
#include "response.h"
#include "server.h"
#include "site_lines.h"
#include "transfer.h"

/* The capacity of an outbox in bytes. A batch of requests fills a receive
 * buffer of 16 KiB; more bytes per send save little. */
#define OUTBOX_LEN 65536u

/* A body up to this size is copied into the outbox, after its head. A longer
 * one is sent from the cache, because a second segment costs less than the
 * copy. */
#define OUTBOX_COPY_MAX 4096u

/* The longest head, with the page or the body that is copied after it. */
#define OUTBOX_ANSWER_MAX                                                     \
    (RESPONSE_HEAD_MAX + SITE_LINES_MAX + 3 * HTTP_LINE_MAX + OUTBOX_COPY_MAX)
static_assert(OUTBOX_ANSWER_MAX <= OUTBOX_LEN / 2,
              "an outbox that is half full has room for another answer");

#define OUTBOX_TEXT_MAX                                                       \
    (OUTBOX_ANSWER_MAX - RESPONSE_HEAD_MAX - SITE_LINES_MAX)

struct outbox {
    struct conn *conn;           /* borrowed */
    const struct limits *limits; /* borrowed */
    struct records *records;     /* borrowed */
    uint64_t sent;               /* bytes that the socket has taken */
    size_t len;                  /* bytes that are not sent yet */
    struct iovec segments[1 + CACHE_SEGMENTS_MAX]; /* the bytes, a copy */
    char bytes[OUTBOX_LEN];
};

/* Initializes an empty outbox of the connection. Does not clear the bytes. The
 * outbox records in records the status of each answer and the number of bytes
 * sent. Borrows both. */
void outbox_init(struct outbox *outbox, struct conn *conn,
                 struct records *records);

/* Returns the position of the outbox's end in the bytes of the connection,
 * counted from outbox_init. */
static inline uint64_t outbox_end(const struct outbox *outbox)
{
    return outbox->sent + outbox->len;
}

/* Sends the content of the outbox. Call it before the task waits for anything
 * else. This and the functions below suspend, and replace the task's deadline,
 * if they send anything.
 *
 * Returns 0       the outbox is empty
 *         -errno  the connection is unusable, and conn->aborts is set */
int outbox_await_flush(struct outbox *outbox);

/* Makes room for one more answer. Then adding it does not suspend. Returns the
 * same as outbox_await_flush. */
int outbox_await_room(struct outbox *outbox);

/* Adds a head, or a head with the page of its status. Returns 0, or an error of
 * outbox_await_flush or response_write_head. After an error, nothing was
 * added. */
int outbox_await_head(struct outbox *outbox, const struct response_head *head);
int outbox_await_page(struct outbox *outbox, const struct response_head *head);

/* Adds a head and a body of at most OUTBOX_TEXT_MAX bytes. Returns the same. */
int outbox_await_text(struct outbox *outbox, const struct response_head *head,
                      struct view body);

/* Adds a part of a copy in the cache after its head. Sends a long part
 * immediately, together with the content of the outbox. Returns the same as
 * outbox_await_flush. */
int outbox_await_copy(struct outbox *outbox, const struct cache *cache,
                      const struct resource *copy, struct range part);

/* Sends the outbox, which must contain only the head of the answer, and then a
 * part of the file.
 *
 * Returns  1      the file could not be read; nothing was sent, *result is the
 *                 error, and the outbox is empty
 *          0      success
 *          -errno the connection is unusable, and conn->aborts is set */
int outbox_await_file(struct outbox *outbox, struct transfer_pool *pool,
                      const struct resource *file, struct range part,
                      int *result);

#endif
