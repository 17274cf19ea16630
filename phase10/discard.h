/* discard.h: reads the body of a request and drops it.
 *
 * What it teaches: the next request begins where the body ends, and only a
 * decoder of the body knows where that is. A server that skips it wrongly takes
 * a part of a body for a request (request smuggling).
 *
 *     [ head ][ body that has arrived ] ... [ rest of the body ][ next head ]
 *              `- discard_begin              `- discard_await_rest
 *
 * serve needs no body, so it answers before the rest arrives. It reads the rest
 * only if that is short: a new connection costs less than a long upload. */
#ifndef PHASE10_DISCARD_H
#define PHASE10_DISCARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "body.h"
#include "http.h"
#include "inbox.h"

/* The longest body that is read, in bytes as they are sent. */
#define DISCARD_MAX 65536u

struct discard {
    struct body body;
    uint64_t seen; /* bytes of the body as they were sent */
};

/* Returns true if the request has a body. */
static inline bool discard_is_needed(const struct http_request *request)
{
    return request->is_chunked || request->content_length > 0;
}

/* Decodes the part of the request's body that has arrived. The body begins
 * head_len bytes after the start of the inbox. Stores in *used how many of
 * these bytes belong to the body. The caller drops them with the head. Does not
 * suspend.
 *
 * Returns  0         the body has arrived
 *          -EAGAIN   discard_await_rest must read the rest
 *          -EFBIG    the body is too long, or the client waits for a "100
 *                    Continue" before it sends it: do not keep the connection
 *          -EBADMSG  discard->body.error has the reason */
int discard_begin(struct discard *discard, const struct http_request *request,
                  struct inbox *inbox, size_t head_len, size_t *used);

/* Reads and drops the rest of the body. The caller sets a deadline. Suspends.
 *
 * Returns  0            the next request begins at the start of the inbox
 *          -EFBIG       the body is too long
 *          -EBADMSG     the body is malformed
 *          -ECONNRESET  the input ended inside the body
 *          other -errno from inbox_await_more */
int discard_await_rest(struct discard *discard, struct inbox *inbox);

#endif
