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
 * A body that is not read is taken for the next request: read it, or close. */
#ifndef ONE_RING_BODY_H
#define ONE_RING_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "chunked.h"
#include "http.h"
#include "http_fields.h"

enum body_part {
    BODY_LENGTH,   /* bytes that a Content-Length counts; none without one */
    BODY_CHUNKS,   /* chunks */
    BODY_TRAILERS, /* the fields behind the last chunk */
    BODY_DONE,
    BODY_ERROR
};

struct body {
    const struct http_limits *limits; /* borrowed */
    enum body_part part;
    uint64_t left;   /* of a Content-Length */
    uint64_t offset; /* bytes of the stream done with, from the body's start */
    size_t scanned;  /* of the trailers at the start of the next chunk */
    struct chunked chunked;
    struct http_fields trailers; /* valid once body_decode has returned 1 */
    struct http_error error;     /* valid once -EBADMSG was returned */
};

/* Makes the decoder for the body of a request whose head is parsed. Keeps
 * nothing of the request but its limits. */
void body_init(struct body *body, const struct http_request *request);

/* Decodes in place, as chunked_decode does: *body_len bytes of the body are now
 * at buf; *consumed bytes of the input are done with; buf[*consumed..len) stays
 * where it is, and must come first in the next call. (Trailers are consumed
 * only as a whole: a buffer of limits->trailers_max bytes is enough.)
 *
 * Returns 1: the message is over, buf + *consumed is the next request, and the
 * trailers' views point into buf until those bytes are touched; -EAGAIN: more
 * is to come; -EBADMSG: see body->error (400, 413, 431), offset counted from
 * the first byte of the body. With an empty body 1 comes at once, even of no
 * bytes. */
int body_decode(struct body *body, char *buf, size_t len, size_t *body_len,
                size_t *consumed);

#endif
