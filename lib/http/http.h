/* http.h: a pure, strict parser of HTTP/1.1 requests in the caller's buffer.
 * Introduced in phase 9. Needs: view.h, http_limits.h, http_fields.h.
 *
 *     http_request_init(&request, &limits);
 *     while ((n = http_parse_request(&request, buf, len)) == -EAGAIN)
 *         len += the number of bytes received at buf + len;
 *     n > 0:          the head is buf[0..n); the body starts at buf + n
 *     n == -EBADMSG:  answer request.error.status, then close
 *
 * Rules
 *  - The parser does no I/O, allocates nothing and reads no clock. Its result
 *    depends only on the bytes, not on how the input is split. The time to
 *    parse a head is proportional to its length, even if it arrives byte by
 *    byte.
 *  - A state machine reads one byte at a time and may stop after each. If whole
 *    lines have arrived, http_scan.h reads them much faster. Both give the same
 *    result.
 *  - The grammar is that of RFC 9110 and 9112, with only one of the exceptions
 *    for old clients: empty lines before a request. The parser refuses a
 *    message that two parsers could interpret differently.
 *  - On failure request.error has a status and the offset of the first
 *    unacceptable byte.
 *  - The request stores offsets into buf. http_view, http_header and
 *    http_fields.h convert them to views once http_parse_request has returned
 *    n > 0. A view is valid until the caller changes those bytes.
 *  - Call http_request_init before the next request. */
#ifndef ONE_RING_HTTP_H
#define ONE_RING_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http_fields.h"
#include "http_limits.h"
#include "view.h"

/* The methods of RFC 9110 and RFC 5789. HTTP_OTHER is any other token: answer
 * it with 501. */
enum http_method {
    HTTP_OTHER,
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_CONNECT,
    HTTP_OPTIONS,
    HTTP_TRACE,
    HTTP_PATCH
};

/* The four forms of a target (RFC 9112 3.2). */
enum http_form {
    HTTP_ORIGIN,    /* /path?query */
    HTTP_ABSOLUTE,  /* scheme://host/path?query, or scheme:path?query */
    HTTP_AUTHORITY, /* host:port, only with CONNECT */
    HTTP_ASTERISK   /* *, only with OPTIONS */
};

enum http_state {
    HTTP_AT_LEADING, /* before the request; empty lines are ignored */
    HTTP_AT_LEADING_LF,
    HTTP_AT_METHOD,
    HTTP_AT_TARGET,
    HTTP_AT_VERSION,
    HTTP_AT_FIELDS,
    HTTP_AT_END,
    HTTP_AT_ERROR
};

struct http_request {
    /* Valid once http_parse_request has returned > 0. After an error, method is
     * set if it was read completely, otherwise it is HTTP_OTHER. */
    enum http_method method;
    enum http_form form;
    unsigned minor; /* the x of HTTP/1.x; 2 to 9 are treated like 1 */

    /* Parts of the head; http_view converts them. */
    struct http_span method_name;
    struct http_span target; /* as sent */
    struct http_span path;   /* in ORIGIN and ABSOLUTE; "/" if none was sent;
                              * not decoded; two hex digits follow each "%".
                              * If the scheme is not http or https, it may
                              * begin with any byte */
    struct http_span query;  /* after the "?": any visible ASCII characters */
    struct http_span host;   /* with its port; from the target, otherwise from
                              * Host; may be empty; an HTTP/1.0 request may
                              * have none */

    /* Framing: the end of the message, and whether the connection persists. */
    uint64_t content_length; /* 0 without the field */
    bool has_content_length;
    bool is_chunked;       /* never together with has_content_length */
    bool keep_alive;       /* the connection may carry another request */
    bool expects_continue; /* the client waits for "100 Continue" */
    bool expects_other;    /* an unknown expectation: answer 417 */

    /* The state of the parser; private. */
    uint8_t leading; /* empty lines so far */
    uint8_t escape;  /* hex digits missing after the last "%" */
    uint8_t matched; /* bytes of the version matched so far */
    size_t scanned;  /* bytes of buf scanned so far */
    enum http_state state;
    uint16_t mark;     /* start of the current word */
    uint16_t query_at; /* start of the query, or 0 */
    uint8_t seen;      /* framing fields seen so far: SEEN_* bits */

    /* http_request_init sets all members above to 0. */
    uint32_t canary; /* set by http_request_init, to detect a missing call */
    const struct http_limits *limits; /* borrowed */

    struct http_error error; /* valid after -EBADMSG */
    struct http_fields fields;
};

/* Prepares request for its first byte. Borrows limits while request is in use;
 * NULL means HTTP_LIMITS_DEFAULT. Does not clear the arrays, so it is fast. */
void http_request_init(struct http_request *request,
                       const struct http_limits *limits);

/* Parses buf[0..len), which starts with the first byte of the request. After
 * -EAGAIN, call it again with the same bytes followed by more. buf may then be
 * at another address. Scans at most limits->head_max bytes, so a buffer of
 * that size is always large enough.
 *
 * Returns  > 0       the length of the head in bytes; the body, or the next
 *                    request, follows
 *          -EAGAIN   the head is incomplete
 *          -EBADMSG  request->error has the status and the offset from buf */
int http_parse_request(struct http_request *request, const char *buf,
                       size_t len);

/* Returns true if a request has begun: an end of input would truncate it. */
bool http_has_begun(const struct http_request *request);

/* Returns a part of the head as a view into buf of the last call, or (NULL, 0)
 * if the request does not have that part. */
struct view http_view(const struct http_request *request,
                      struct http_span part);

/* Returns the scheme of an ABSOLUTE target, otherwise (NULL, 0). The parser
 * accepts any scheme: the caller should refuse all except http and https. */
struct view http_scheme(const struct http_request *request);

/* Returns the value of the first header field with that name, ignoring case, or
 * (NULL, 0) if there is none. */
struct view http_header(const struct http_request *request, const char *name);

#endif
