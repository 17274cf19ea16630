/* chunked.h: a body in chunks (RFC 9112 7.1) back into the bytes it carries.
 * Introduced in phase 9. Needs: http_limits.h.
 *
 *     5;ext=1 CRLF hello CRLF 0 CRLF   [trailers] CRLF
 *     `-size      `-data      `-last   `-not ours: see body.h
 *
 * A state machine over whatever bytes have come: it keeps nothing but its
 * state, and the result does not depend on where the input is cut. */
#ifndef ONE_RING_CHUNKED_H
#define ONE_RING_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#include "http_limits.h"

enum { CHUNKED_DIGITS_MAX = 16 }; /* of a size: no more fit into 64 bits */

enum chunked_state {
    CHUNKED_SIZE,
    CHUNKED_EXTENSION,
    CHUNKED_SIZE_LF,
    CHUNKED_DATA,
    CHUNKED_DATA_CR,
    CHUNKED_DATA_LF,
    CHUNKED_DONE,
    CHUNKED_ERROR
};

struct chunked {
    const struct http_limits *limits; /* borrowed */
    enum chunked_state state;
    uint8_t digits;      /* of the current size */
    uint8_t extension;   /* where in an extension's grammar; see chunked.c */
    uint32_t extensions; /* bytes of extensions so far */
    uint64_t left;       /* of the current chunk; while SIZE, its size so far */
    uint64_t total;      /* body bytes announced so far */
    uint64_t offset;     /* encoded bytes done with so far */
    struct http_error error; /* valid once -EBADMSG was returned */
};

void chunked_init(struct chunked *decoder, const struct http_limits *limits);

/* Decodes in place: the body's bytes among buf[0..len) are moved together at
 * the start of buf, *body_len of them; *consumed bytes of the input are done
 * with. What is left, buf[*consumed..len), stays where it is.
 *
 * Returns 1: the last chunk's line has been read, the trailer section starts at
 * buf + *consumed; -EAGAIN: all is consumed, more is to come; -EBADMSG: see
 * decoder->error (400, or 413), offset counted from the first encoded byte; the
 * body bytes before the error are at buf all the same. */
int chunked_decode(struct chunked *decoder, char *buf, size_t len,
                   size_t *body_len, size_t *consumed);

#endif
