/* inbox.h: the bytes of one connection, in order, without copying most.
 *
 * What it teaches: requests do not come one to a packet. A receive may bring
 * half of one, or two and a half; and yet nearly every request arrives whole,
 * alone, in one buffer. So that buffer itself is parsed, and only a request
 * that is cut by its end is moved to memory of the connection's own.
 *
 *     [ kept: the start of a cut request ] [ chunk: rest of what came last ]
 *
 * That memory is also where bytes are received when no buffer of the pool is
 * free: so nobody waits because others hold them all. */
#ifndef PHASE10_INBOX_H
#define PHASE10_INBOX_H

#include <stddef.h>

#include "http_limits.h"
#include "stream.h"

struct inbox {
    struct stream *in; /* borrowed */
    struct chunk chunk; /* of the pool; len 0: there is none */
    size_t chunk_used;  /* bytes of it that are done with, or kept */
    size_t kept_len;
    char kept[HTTP_HEAD_MAX];
};

/* Makes an inbox of what the stream brings, which no buffer was asked for
 * yet. */
void inbox_init(struct inbox *inbox, struct stream *in);

/* Gives the chunk back; what it still held is lost. */
void inbox_finish(struct inbox *inbox);

/* What is there: *len bytes (0: nothing) that stay where they are until the
 * next call that is not inbox_bytes. */
char *inbox_bytes(struct inbox *inbox, size_t *len);

/* Adds to what inbox_bytes shows, suspending if nothing has come. What was
 * shown is moved, but for its address unchanged. Returns 1; 0 at the end of the
 * input; -ENOBUFS if as much is there as can be; or -errno as
 * stream_await_chunk. */
int await_inbox_more(struct inbox *inbox);

/* Drops the first len bytes: they are done with. */
void inbox_drop(struct inbox *inbox, size_t len);

#endif
