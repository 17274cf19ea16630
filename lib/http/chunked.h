/* chunked.h: decodes a chunked body (RFC 9112 7.1).
 * Introduced in phase 9. Needs: http_limits.h.
 *
 *     5;ext=1 CRLF hello CRLF 0 CRLF   [trailers] CRLF
 *     `-size      `-data      `-last   `-read by body.h
 *
 * The decoder is a state machine that takes any number of bytes per call. It
 * does not buffer input, and its result does not depend on how the input is
 * split. */
#ifndef ONE_RING_CHUNKED_H
#define ONE_RING_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#include "http_limits.h"

enum { CHUNKED_DIGITS_MAX = 16 }; /* in a chunk size of 64 bits */

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
    uint8_t digits;      /* digits of the current size so far */
    uint8_t extension;   /* a value of enum where; see chunked.c */
    uint32_t extensions; /* extension bytes in all chunks so far */
    uint64_t left;       /* bytes left in the chunk; in SIZE, its size so far */
    uint64_t total;      /* sum of all chunk sizes so far */
    uint64_t offset;     /* encoded bytes consumed so far */
    struct http_error error; /* valid after -EBADMSG */
};

/* Prepares decoder for the start of a chunked body. Borrows limits. */
void chunked_init(struct chunked *decoder, const struct http_limits *limits);

/* Decodes buf[0..len) in place. Afterwards buf[0..*body_len) has the decoded
 * data, and *consumed is the number of input bytes used. Does not move the
 * rest, buf[*consumed..len).
 *
 * Returns  1         all data is decoded; the trailer section starts at
 *                    buf + *consumed
 *          -EAGAIN   all input is consumed; more is needed
 *          -EBADMSG  decoder->error has status 400 or 413, and the offset from
 *                    the first encoded byte; buf[0..*body_len) has the data
 *                    before the error */
int chunked_decode(struct chunked *decoder, char *buf, size_t len,
                   size_t *body_len, size_t *consumed);

#endif
