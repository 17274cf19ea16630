/* inbox.h: the bytes of one connection, in order, mostly without a copy.
 *
 * What it teaches: a packet is not a request. A receive may bring half of one,
 * or two and a half. But nearly every request arrives whole and alone in one
 * buffer, so the parser reads it there. Only a request that the end of the
 * buffer cuts is moved to the connection's own memory, the carry-over:
 *
 *     [ carry: the start of a cut request ] [ chunk: rest of the last receive ]
 *
 * If no buffer of the pool is free, the inbox receives into the carry-over. So
 * a connection does not wait for others that hold all buffers. */
#ifndef PHASE10_INBOX_H
#define PHASE10_INBOX_H

#include <stddef.h>

#include "http_limits.h"
#include "stream.h"

struct inbox {
    struct stream *in;  /* borrowed */
    struct chunk chunk; /* a buffer of the pool; len 0: none */
    size_t chunk_used;  /* bytes of it that were dropped or moved to carry */
    size_t carry_len;
    char carry[HTTP_HEAD_MAX];
};

/* Makes an inbox of a stream on which nothing has been received yet. */
void inbox_init(struct inbox *inbox, struct stream *in);

/* Releases the chunk. Its unused bytes are lost. */
void inbox_finish(struct inbox *inbox);

/* Returns the bytes that have arrived, and stores their number in *len. Returns
 * NULL if there are none. The pointer is valid until the next call of another
 * function of inbox. */
char *inbox_bytes(struct inbox *inbox, size_t *len);

/* Adds to the bytes that inbox_bytes shows. Suspends if no more have arrived.
 * The bytes shown before keep their order and values, but may move.
 *
 * Returns 1         there are more bytes
 *         0         end of input
 *         -ENOBUFS  the carry-over is full
 *         -errno    from stream_await_chunk */
int inbox_await_more(struct inbox *inbox);

/* Drops the first len bytes: the caller does not need them any more. */
void inbox_drop(struct inbox *inbox, size_t len);

#endif
