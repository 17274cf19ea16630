/* http.h: parses an HTTP/1.1 request in the caller's buffer: pure, strict.
 * Introduced in phase 9. Needs: view.h, http_limits.h, http_fields.h.
 *
 *     http_request_init(&request, &limits);
 *     while ((n = http_parse_request(&request, buf, len)) == -EAGAIN)
 *         len += more bytes behind buf + len;
 *     n > 0:          the head is buf[0..n); the body starts at buf + n
 *     n == -EBADMSG:  answer request.error.status, then close
 *
 * Rules
 *  - No I/O, no allocation, no clock: the result depends only on the bytes, not
 *    on where the input was cut. No byte is scanned twice, so a peer that sends
 *    one byte at a time costs no more than one that sends all at once.
 *  - The grammar is that of RFC 9110 and 9112 without their leniencies: a
 *    message that two readers could understand differently is refused.
 *  - The first byte that cannot be accepted decides status and offset.
 *  - Views point into buf. They are valid once n > 0, while the caller leaves
 *    those bytes alone. Call http_request_init before the next request. */
#ifndef ONE_RING_HTTP_H
#define ONE_RING_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http_fields.h"
#include "http_limits.h"
#include "view.h"

/* The methods of RFC 9110 and 5789. OTHER is any other token: 501. */
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
    HTTP_ABSOLUTE,  /* http://host/path?query */
    HTTP_AUTHORITY, /* host:port, with CONNECT only */
    HTTP_ASTERISK   /* *, with OPTIONS only */
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
     * set if it was complete, otherwise it is OTHER. */
    enum http_method method;
    enum http_form form;
    struct view method_name;
    struct view target; /* as sent */
    struct view path;   /* of ORIGIN and ABSOLUTE: from "/" on, undecoded, but
                         * each % has its two digits; "/" if none was sent */
    struct view query;  /* behind the "?"; (NULL, 0) without one */
    struct view host;   /* with its port; from the target if that has one, else
                         * from Host; (NULL, 0) without both, in HTTP/1.0 */
    unsigned minor;     /* 0 to 9 of HTTP/1.x; 2 to 9 are treated like 1 */

    /* The framing: the end of the message, and the rest of the connection. */
    uint64_t content_length; /* 0 without the field */
    bool has_content_length;
    bool is_chunked;       /* never together with has_content_length */
    bool keep_alive;       /* the connection may carry another request */
    bool expects_continue; /* the client waits for 100 to send its body */
    bool expects_other;    /* an unknown expectation: answer 417 */

    struct http_error error; /* valid once -EBADMSG was returned */
    struct http_fields fields;

    /* The machine's state; private to the parser. */
    const struct http_limits *limits; /* borrowed */
    size_t scanned;                   /* bytes of buf that were scanned */
    enum http_state state;
    uint32_t canary; /* set by init; shows a wild write or a missing init */
    struct http_span method_span, target_span, path_span, query_span;
    struct http_span host_span;
    uint16_t mark;     /* where the current word starts */
    uint16_t query_at; /* where the query starts, or 0 */
    uint8_t leading;   /* empty lines so far */
    uint8_t escape;    /* digits that the target's last "%" still needs */
    uint8_t matched;   /* bytes of the version so far */
    uint8_t seen;      /* the fields of http_framing.h so far, as bits */
};

/* Prepares the request for its first byte. Borrows limits while the request is
 * used. Cheap: clears no array. */
void http_request_init(struct http_request *request,
                       const struct http_limits *limits);

/* Parses buf[0..len), which starts with the first byte of the request. While it
 * returns -EAGAIN, call it again with the same bytes and more behind them. The
 * bytes may move to another address in between. It scans at most
 * limits->head_max bytes, so a buffer of that size is never too small.
 *
 * Returns  > 0       the length of the head in bytes; the body, or the next
 *                    request, follows
 *          -EAGAIN   the head is incomplete
 *          -EBADMSG  request->error has the status and the offset from buf */
int http_parse_request(struct http_request *request, const char *buf,
                       size_t len);

/* True if a request has begun: end of input would now cut it. */
bool http_has_begun(const struct http_request *request);

/* Returns the value of the first header field with that name, ignoring case, or
 * (NULL, 0) if there is none. */
struct view http_header(const struct http_request *request, const char *name);

#endif
