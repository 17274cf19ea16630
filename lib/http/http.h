/* http.h: an HTTP/1.1 request out of the caller's buffer: pure, strict.
 * Introduced in phase 9. Needs: view.h, http_limits.h, http_fields.h.
 *
 *     http_request_init(&request, &limits);
 *     while ((n = http_parse_request(&request, buf, len)) == -EAGAIN)
 *         len += more bytes behind buf + len;
 *     n > 0:          the head is buf[0..n); the body starts at buf + n
 *     n == -EBADMSG:  answer request.error.status, then close
 *
 * Rules
 *  - No I/O, no allocation, no time: the result is a function of the bytes
 *    alone, however the input was cut. No byte is scanned twice, so a peer
 *    that sends one byte at a time costs what one that sends all at once does.
 *  - One grammar, that of RFC 9110 and 9112 without their leniencies: a message
 *    that two readers could understand differently is refused, not mended.
 *  - The first byte that cannot be accepted decides status and offset.
 *  - Views point into buf. They are valid from n > 0 on, as long as the caller
 *    leaves those bytes alone; a later request needs http_request_init. */
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
    /* What was asked; valid once http_parse_request has returned > 0. (After an
     * error method is set if it had come so far, else it is OTHER.) */
    enum http_method method;
    enum http_form form;
    struct view method_name;
    struct view target; /* as sent */
    struct view path;   /* of ORIGIN and ABSOLUTE: from "/" on, undecoded, but
                         * each % has its two digits; "/" if none was sent */
    struct view query;  /* behind the "?"; (NULL, 0) without one */
    struct view host;   /* with its port; of the target if that names one, else
                         * of Host; (NULL, 0) without either, in HTTP/1.0 */
    unsigned minor;     /* 0 to 9 of HTTP/1.x; 2 to 9 are treated like 1 */

    /* Where the message ends, and what then. */
    uint64_t content_length; /* 0 without the field */
    bool has_content_length;
    bool is_chunked;       /* never together with has_content_length */
    bool keep_alive;       /* the connection may carry another request */
    bool expects_continue; /* waits for 100 before it sends its body */
    bool expects_other;    /* an unknown expectation: 417 */

    struct http_error error; /* valid once -EBADMSG was returned */
    struct http_fields fields;

    /* The machine; not the caller's business. */
    const struct http_limits *limits; /* borrowed */
    size_t scanned;                   /* bytes of buf that are done with */
    enum http_state state;
    uint32_t canary; /* set by init; a wild write or no init shows here */
    struct http_span method_span, target_span, path_span, query_span;
    struct http_span host_span;
    uint16_t mark;     /* where the current word starts */
    uint16_t query_at; /* where the query starts, or 0 */
    uint8_t leading;   /* empty lines so far */
    uint8_t escape;    /* digits that the target's last "%" still wants */
    uint8_t matched;   /* bytes of the version so far */
    uint8_t seen;      /* which of http_framing.h's fields have come */
};

/* Makes the request ready for its first byte. limits is borrowed until the
 * request is no longer used. Cheap: no array is cleared. */
void http_request_init(struct http_request *request,
                       const struct http_limits *limits);

/* Parses buf[0..len), which starts with the first byte of the request. Call it
 * again with the same bytes and more behind them while it says -EAGAIN; they
 * may have been moved to another address in between.
 *
 * Returns the length of the head (> 0): what follows is body, or the next
 * request; -EAGAIN: incomplete, all of it is scanned; -EBADMSG: see
 * request->error, offset counted from buf. At most limits->head_max bytes are
 * looked at: a buffer of that size is never too small. */
int http_parse_request(struct http_request *request, const char *buf,
                       size_t len);

/* Whether a request has begun: an end of the stream now would cut it. */
bool http_has_begun(const struct http_request *request);

/* The value of the first header field of that name, upper and lower case
 * alike; (NULL, 0) if there is none. */
struct view http_header(const struct http_request *request, const char *name);

#endif
