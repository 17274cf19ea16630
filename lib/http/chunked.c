/* chunked.c: decodes a chunked body; see chunked.h.
 * Introduced in phase 9. Needs: chunked.h, scan.h, view.h.
 *
 *     .-------------------------<-LF-- DATA_LF <-CR-- DATA_CR <--.
 *     v                                                          |
 *     SIZE --CR--> SIZE_LF --LF--> DATA -------------------------'
 *       `-> EXTENSION -'  `--LF, after a size of 0--> DONE
 *
 * The decoder moves chunk data in runs, and reads all other bytes (the framing)
 * one at a time. */
#include "chunked.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "scan.h"
#include "view.h"

/* The position in a chunk's extensions, whose grammar is
 * *( BWS ";" BWS name [ BWS "=" BWS value ] ) (RFC 9112 7.1.1). The decoder
 * ignores extensions but checks their syntax, because an attacker can hide a
 * request if a proxy and a server disagree about the end of the line. */
enum where {
    AT_BLANKS, /* in the blanks before a ";" */
    AT_NAME,   /* after the ";" or the blanks that follow it */
    IN_NAME,
    BEHIND_NAME, /* in the blanks before a "=" or ";" */
    AT_VALUE,    /* after the "=" or the blanks that follow it */
    IN_VALUE,
    IN_QUOTES,
    IN_ESCAPE, /* after a backslash in quotes */
    BEHIND_QUOTES,
    NOWHERE /* the grammar does not allow the byte */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Returns the state after c, which follows a size, a name or a value. */
static enum where behind(char c, bool is_name)
{
    if (c == ';')
        return AT_NAME;
    if (c == '=' && is_name)
        return AT_VALUE;
    if (is_blank(c))
        return is_name ? BEHIND_NAME : AT_BLANKS;
    return NOWHERE;
}

/* Returns the state after c, or NOWHERE if the grammar does not allow c.
 * take_extension handles the CR that may end an extension. */
static enum where follow(enum where where, char c)
{
    switch (where) {
    case AT_BLANKS:
    case BEHIND_QUOTES:
        return behind(c, false);
    case BEHIND_NAME:
        return behind(c, true);
    case AT_NAME:
        if (is_blank(c))
            return AT_NAME;
        return scan_is(c, SCAN_TOKEN) ? IN_NAME : NOWHERE;
    case IN_NAME:
        return scan_is(c, SCAN_TOKEN) ? IN_NAME : behind(c, true);
    case AT_VALUE:
        if (is_blank(c) || c == '"')
            return c == '"' ? IN_QUOTES : AT_VALUE;
        return scan_is(c, SCAN_TOKEN) ? IN_VALUE : NOWHERE;
    case IN_VALUE:
        return scan_is(c, SCAN_TOKEN) ? IN_VALUE : behind(c, false);
    case IN_QUOTES:
        if (c == '"' || c == '\\')
            return c == '"' ? BEHIND_QUOTES : IN_ESCAPE;
        return scan_is(c, SCAN_TEXT) ? IN_QUOTES : NOWHERE;
    case IN_ESCAPE:
        return scan_is(c, SCAN_TEXT) ? IN_QUOTES : NOWHERE;
    case NOWHERE:
        break;
    }
    return NOWHERE;
}

static int refuse(struct chunked *decoder, int status, const char *reason)
{
    return http_fail(&decoder->error, status, reason, (size_t)decoder->offset);
}

/* Reads one byte of a chunk's extensions, or the CR after them. */
static int take_extension(struct chunked *decoder, char c)
{
    enum where where = (enum where)decoder->extension;

    if (c == '\r' &&
        (where == IN_NAME || where == IN_VALUE || where == BEHIND_QUOTES)) {
        decoder->state = CHUNKED_SIZE_LF;
        return 0;
    }
    where = follow(where, c);
    if (where == NOWHERE)
        return refuse(decoder, 400, "a malformed chunk extension");
    /* The limit applies to all chunks together. Otherwise a peer could send
     * extensions forever. */
    if (++decoder->extensions > decoder->limits->extensions_max)
        return refuse(decoder, 400, "chunk extensions over the limit");
    decoder->extension = (uint8_t)where;
    return 0;
}

/* Reads one byte of a size, or the byte after it. Accepts at most sixteen
 * digits, which cannot overflow 64 bits. Without this limit, a size of 2^64+5
 * would be read as 5. */
static int take_size(struct chunked *decoder, char c)
{
    int digit = view_hex_digit(c);

    if (digit >= 0) {
        if (decoder->digits == CHUNKED_DIGITS_MAX)
            return refuse(decoder, 400, "a chunk size of too many digits");
        decoder->digits++;
        decoder->left = decoder->left << 4 | (unsigned)digit;
        return 0;
    }
    if (decoder->digits == 0)
        return refuse(decoder, 400, "a chunk without a size");
    if (c == '\r') {
        decoder->state = CHUNKED_SIZE_LF;
        return 0;
    }
    decoder->state = CHUNKED_EXTENSION;
    decoder->extension = AT_BLANKS;
    return take_extension(decoder, c);
}

/* Reads the LF at the end of a size line. Checks the size against the limit,
 * before the decoder reads any data of the chunk. */
static int take_size_lf(struct chunked *decoder, char c)
{
    uint64_t body_max = decoder->limits->body_max;

    if (c != '\n')
        return refuse(decoder, 400, "a CR without LF");
    if (decoder->left > INT64_MAX)
        return refuse(decoder, 400, "a chunk size of more than 63 bits");
    if (decoder->left > body_max - decoder->total)
        return refuse(decoder, 413, "a body over the limit");
    decoder->total += decoder->left;
    decoder->state = decoder->left > 0 ? CHUNKED_DATA : CHUNKED_DONE;
    return 0;
}

/* Reads one byte of framing. */
static int take_framing(struct chunked *decoder, char c)
{
    switch (decoder->state) {
    case CHUNKED_SIZE:
        return take_size(decoder, c);
    case CHUNKED_EXTENSION:
        return take_extension(decoder, c);
    case CHUNKED_SIZE_LF:
        return take_size_lf(decoder, c);
    case CHUNKED_DATA_CR:
        if (c != '\r')
            return refuse(decoder, 400, "no CR LF behind a chunk's data");
        decoder->state = CHUNKED_DATA_LF;
        return 0;
    case CHUNKED_DATA_LF:
        if (c != '\n')
            return refuse(decoder, 400, "no CR LF behind a chunk's data");
        decoder->state = CHUNKED_SIZE;
        decoder->digits = 0;
        return 0;
    case CHUNKED_DATA:
    case CHUNKED_DONE:
    case CHUNKED_ERROR:
        break;
    }
    assert(!"no framing is due");
    return -EBADMSG;
}

/* Moves the current chunk's data from the start of from[0..len) to `to`.
 * Returns the number of bytes moved. */
static size_t take_data(struct chunked *decoder, char *to, const char *from,
                        size_t len)
{
    if (len > decoder->left)
        len = (size_t)decoder->left;
    memmove(to, from, len);
    decoder->left -= len;
    if (decoder->left == 0)
        decoder->state = CHUNKED_DATA_CR;
    return len;
}

void chunked_init(struct chunked *decoder, const struct http_limits *limits)
{
    assert(limits->body_max <= INT64_MAX);
    *decoder = (struct chunked){.limits = limits, .state = CHUNKED_SIZE};
}

int chunked_decode(struct chunked *decoder, char *buf, size_t len,
                   size_t *body_len, size_t *consumed)
{
    size_t from = 0, to = 0;
    int rc = 0;

    assert(decoder->state < CHUNKED_DONE);
    while (from < len && rc == 0 && decoder->state != CHUNKED_DONE) {
        size_t step = 1;

        if (decoder->state == CHUNKED_DATA) {
            step = take_data(decoder, buf + to, buf + from, len - from);
            to += step;
        } else {
            rc = take_framing(decoder, buf[from]);
        }
        if (rc == 0) {
            from += step;
            decoder->offset += step;
        }
    }
    assert(to <= from && from <= len);
    *body_len = to;
    *consumed = from;
    if (rc < 0)
        decoder->state = CHUNKED_ERROR;
    else
        rc = decoder->state == CHUNKED_DONE ? 1 : -EAGAIN;
    return rc;
}
