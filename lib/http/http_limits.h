/* http_limits.h: the parser's limits, and its error report.
 * Introduced in phase 9. Needs: nothing.
 *
 * All limits of the parser are here. The constants are the defaults. At run
 * time, a program can set lower or higher limits in a struct http_limits.
 * HTTP_LEADING_MAX and HTTP_METHOD_MAX are fixed. A program cannot raise
 * HTTP_FIELDS_MAX, because it is the size of an array. */
#ifndef ONE_RING_HTTP_LIMITS_H
#define ONE_RING_HTTP_LIMITS_H

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_LEADING_MAX = 8,       /* empty lines ignored before a request */
    HTTP_METHOD_MAX = 32,       /* bytes; longer: 501 */
    HTTP_LINE_MAX = 8192,       /* bytes of the request line; more: 414 */
    HTTP_FIELD_LINE_MAX = 8192, /* bytes of a field's line; more: 431 */
    HTTP_HEAD_MAX = 32768,      /* bytes, request line included; more: 431 */
    HTTP_FIELDS_MAX = 100,      /* lines in a head or in trailers; more: 431 */
    HTTP_TRAILERS_MAX = 4096,   /* bytes after the last chunk; more: 431 */
    HTTP_BODY_MAX = 1048576,    /* bytes, decoded; more: 413 */
    HTTP_EXTENSIONS_MAX = 4096  /* bytes per message; more: 400 */
};

/* Positions in a head are 16 bits wide, so that a hundred fields need only 800
 * bytes. */
#define HTTP_HEAD_CAP UINT16_MAX

static_assert((int)HTTP_HEAD_MAX <= HTTP_HEAD_CAP, "offsets are 16 bits wide");
static_assert((int)HTTP_TRAILERS_MAX <= HTTP_HEAD_CAP,
              "offsets in trailers are 16 bits wide, too");
static_assert((int)HTTP_METHOD_MAX < (int)HTTP_LINE_MAX &&
                  (int)HTTP_LINE_MAX < (int)HTTP_HEAD_MAX,
              "a long method or target must meet its own limit first");

/* The limits of one parser. The length of a line does not include its CR and
 * LF. Zero is a valid limit: a body_max of 0 refuses every body that is not
 * empty. */
struct http_limits {
    uint16_t line_max;       /* of the request line */
    uint16_t field_line_max; /* of a field's line, in a head or in trailers */
    uint16_t head_max;
    uint16_t fields_max; /* at most HTTP_FIELDS_MAX */
    uint16_t trailers_max;
    uint16_t extensions_max;
    uint64_t body_max; /* at most INT64_MAX */
};

#define HTTP_LIMITS_DEFAULT                                                    \
    {                                                                          \
        .line_max = HTTP_LINE_MAX, .field_line_max = HTTP_FIELD_LINE_MAX,      \
        .head_max = HTTP_HEAD_MAX, .fields_max = HTTP_FIELDS_MAX,              \
        .trailers_max = HTTP_TRAILERS_MAX,                                     \
        .extensions_max = HTTP_EXTENSIONS_MAX, .body_max = HTTP_BODY_MAX       \
    }

/* Describes why a message was refused. The end of such a message is unknown, so
 * the bytes after it cannot be trusted: answer with status, then close the
 * connection. */
struct http_error {
    int status;         /* for the response: 400, 413, 414, 431, 501, 505 */
    const char *reason; /* static text */
    size_t offset;      /* of the first unacceptable byte */
};

/* Fills *error and returns -EBADMSG. */
static inline int http_fail(struct http_error *error, int status,
                            const char *reason, size_t offset)
{
    *error = (struct http_error){status, reason, offset};
    return -EBADMSG;
}

#endif
