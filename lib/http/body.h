/* body.h: the body of a request, to its exact end, however it is framed.
 * Introduced in phase 9. Needs: http.h, chunked.h, http_fields.h.
 *
 *     body_init(&body, &request);
 *     do {
 *         rc = body_decode(&body, buf, len, &got, &consumed);
 *         use, or drop, buf[0..got);
 *         move buf[consumed..len) to the start of buf, and read more behind it;
 *     } while (rc == -EAGAIN);
 *
 * The bytes of an unread body would be parsed as the next request: read the
 * body, or close the connection. */
#ifndef ONE_RING_BODY_H
#define ONE_RING_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "chunked.h"
#include "http.h"
#include "http_fields.h"

enum body_part {
    BODY_LENGTH,   /* as many bytes as Content-Length has; 0 without it */
    BODY_CHUNKS,   /* chunks */
    BODY_TRAILERS, /* the fields behind the last chunk */
    BODY_DONE,
    BODY_ERROR
};

struct body {
    const struct http_limits *limits; /* borrowed */
    enum body_part part;
    uint64_t left;   /* bytes of a Content-Length that have not arrived */
    uint64_t offset; /* consumed bytes of the stream, from the body's start */
    size_t scanned;  /* bytes of the trailers that were read, not consumed */
    struct chunked chunked;
    struct http_fields trailers; /* valid once body_decode has returned 1 */
    struct http_error error;     /* valid once -EBADMSG was returned */
};

/* Makes the decoder for the body of a request whose head is parsed. Borrows
 * only the request's limits. */
void body_init(struct body *body, const struct http_request *request);

/* Decodes in place, as chunked_decode does. Afterwards buf has *body_len bytes
 * of the body, and *consumed bytes of the input are used. buf[*consumed..len)
 * is not moved; the caller passes it first in the next call. Trailers are
 * consumed only as a whole: a buffer of limits->trailers_max bytes is enough.
 *
 * Returns  1         the message is complete; the next request is at
 *                    buf + *consumed; the trailers' views point into buf while
 *                    the caller leaves those bytes alone
 *          -EAGAIN   more input is needed
 *          -EBADMSG  body->error has status 400, 413 or 431, and the offset
 *                    from the body's first byte
 *
 * For an empty body it returns 1 at once, even if len is 0. */
int body_decode(struct body *body, char *buf, size_t len, size_t *body_len,
                size_t *consumed);

#endif
