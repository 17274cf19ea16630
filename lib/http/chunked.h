/* chunked.h: decodes a body in chunks (RFC 9112 7.1).
 * Introduced in phase 9. Needs: http_limits.h.
 *
 *     5;ext=1 CRLF hello CRLF 0 CRLF   [trailers] CRLF
 *     `-size      `-data      `-last   `-read by body.h
 *
 * A state machine that takes any number of bytes per call. It keeps only its
 * state, and the result does not depend on where the input is cut. */
#ifndef ONE_RING_CHUNKED_H
#define ONE_RING_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#include "http_limits.h"

enum { CHUNKED_DIGITS_MAX = 16 }; /* of a size; more would not fit 64 bits */

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
    uint8_t extension;   /* state in an extension's grammar; see chunked.c */
    uint32_t extensions; /* bytes of all extensions so far */
    uint64_t left;       /* of the current chunk; in SIZE, the size so far */
    uint64_t total;      /* body bytes in all chunk sizes so far */
    uint64_t offset;     /* encoded bytes consumed so far */
    struct http_error error; /* valid once -EBADMSG was returned */
};

/* Makes a decoder at the start of a chunked body. Borrows limits. */
void chunked_init(struct chunked *decoder, const struct http_limits *limits);

/* Decodes in place: moves the body's bytes among buf[0..len) to the start of
 * buf, *body_len of them. *consumed bytes of the input are used; the rest,
 * buf[*consumed..len), is not moved.
 *
 * Returns  1         the line of the last chunk was read; the trailer section
 *                    starts at buf + *consumed
 *          -EAGAIN   all input is consumed; more is needed
 *          -EBADMSG  decoder->error has status 400 or 413, and the offset from
 *                    the first encoded byte; buf has the body bytes before the
 *                    error */
int chunked_decode(struct chunked *decoder, char *buf, size_t len,
                   size_t *body_len, size_t *consumed);

#endif
