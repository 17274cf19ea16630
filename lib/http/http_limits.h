/* http_limits.h: the limits of a message, and the form of its errors.
 * Introduced in phase 9. Needs: nothing.
 *
 * Every limit of the parser is here. The constants are the defaults. If an
 * array has that size, the constant is also the maximum; struct http_limits can
 * set the others lower or higher at run time. */
#ifndef ONE_RING_HTTP_LIMITS_H
#define ONE_RING_HTTP_LIMITS_H

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_LEADING_MAX = 8,      /* empty lines ignored before a request */
    HTTP_METHOD_MAX = 32,      /* bytes; longer: 501 */
    HTTP_TARGET_MAX = 8000,    /* bytes; longer: 414 (RFC 9112 3: >= 8000) */
    HTTP_HEAD_MAX = 16384,     /* bytes, request line included; more: 431 */
    HTTP_FIELDS_MAX = 100,     /* lines in a head or in trailers; more: 431 */
    HTTP_TRAILERS_MAX = 4096,  /* bytes after the last chunk; more: 431 */
    HTTP_BODY_MAX = 1048576,   /* bytes, decoded; more: 413 */
    HTTP_EXTENSIONS_MAX = 4096 /* bytes per message; more: 400 */
};

/* Positions in a head have 16 bits: a hundred fields need 800 bytes. */
#define HTTP_HEAD_CAP UINT16_MAX

static_assert((int)HTTP_HEAD_MAX <= HTTP_HEAD_CAP, "offsets are 16 bits wide");
static_assert((int)HTTP_TRAILERS_MAX <= HTTP_HEAD_CAP, "so are these");
static_assert((int)HTTP_METHOD_MAX + (int)HTTP_TARGET_MAX < (int)HTTP_HEAD_MAX,
              "a long target must meet its own limit first");

/* The limits of one parser. Zero is a valid limit: a body_max of 0 refuses
 * every body. */
struct http_limits {
    uint16_t target_max;
    uint16_t head_max;
    uint16_t fields_max; /* at most HTTP_FIELDS_MAX */
    uint16_t trailers_max;
    uint16_t extensions_max;
    uint64_t body_max; /* at most INT64_MAX */
};

#define HTTP_LIMITS_DEFAULT                                                    \
    {                                                                          \
        .target_max = HTTP_TARGET_MAX, .head_max = HTTP_HEAD_MAX,              \
        .fields_max = HTTP_FIELDS_MAX, .trailers_max = HTTP_TRAILERS_MAX,      \
        .extensions_max = HTTP_EXTENSIONS_MAX, .body_max = HTTP_BODY_MAX       \
    }

/* The error of a message. After an error the end of the message is unknown, so
 * the bytes behind it cannot be trusted: answer with status, then close. */
struct http_error {
    int status;         /* of the response: 400, 413, 414, 431, 501, 505 */
    const char *reason; /* static text */
    size_t offset;      /* of the first byte that cannot be accepted */
};

/* Fills *error. Returns -EBADMSG, for the caller to return. */
static inline int http_fail(struct http_error *error, int status,
                            const char *reason, size_t offset)
{
    *error = (struct http_error){status, reason, offset};
    return -EBADMSG;
}

#endif
