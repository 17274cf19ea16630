/* body.h: reads exactly one request body, whatever its framing.
 * Introduced in phase 9. Needs: http.h, chunked.h, http_fields.h.
 *
 *     body_init(&body, &request);
 *     do {
 *         rc = body_decode(&body, buf, len, &got, &consumed);
 *         use or drop buf[0..got);
 *         move buf[consumed..len) to the start of buf, and append more input;
 *     } while (rc == -EAGAIN);
 *
 * Read the whole body or close the connection. Otherwise the unread bytes would
 * be parsed as the next request.
 *
 * Trailers are fields like those of a head, but they affect neither the framing
 * nor keep_alive. Do not merge them with the header fields. */
#ifndef ONE_RING_BODY_H
#define ONE_RING_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "chunked.h"
#include "http.h"
#include "http_fields.h"

enum body_part {
    BODY_LENGTH,   /* Content-Length bytes; 0 without the field */
    BODY_CHUNKS,   /* chunked */
    BODY_TRAILERS, /* the fields after the last chunk */
    BODY_DONE,
    BODY_ERROR
};

struct body {
    const struct http_limits *limits; /* borrowed */
    enum body_part part;
    uint64_t left;   /* bytes of Content-Length not yet consumed */
    uint64_t offset; /* bytes consumed since the start of the body */
    size_t scanned;  /* trailer bytes scanned but not consumed */
    struct chunked chunked;
    struct http_fields trailers; /* valid once body_decode has returned 1 */
    struct http_error error;     /* valid after -EBADMSG */
};

/* Prepares to decode the body of request, whose head must be complete. Borrows
 * request->limits, but not request itself. */
void body_init(struct body *body, const struct http_request *request);

/* Decodes buf[0..len) in place. Afterwards buf[0..*body_len) has bytes of the
 * body, and *consumed is the number of input bytes used. Does not move the
 * rest, buf[*consumed..len). Pass the rest again, at the start of buf, in the
 * next call. Consumes trailers only as a whole, so buf must hold all of them.
 * limits->trailers_max bytes are enough.
 *
 * Returns  1         the message is complete; the next request starts at
 *                    buf + *consumed; views of the trailers are valid until
 *                    the caller changes buf
 *          -EAGAIN   more input is needed
 *          -EBADMSG  body->error has status 400, 413 or 431, and the offset
 *                    from the first byte of the body
 *
 * If the body is empty, this returns 1 immediately, even if len is 0. */
int body_decode(struct body *body, char *buf, size_t len, size_t *body_len,
                size_t *consumed);

#endif
