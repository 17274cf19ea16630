/* http_framing.h: the five header fields that frame a request.
 * Introduced in phase 9. Needs: http.h.
 *
 *     Host               the name of the site; exactly one in HTTP/1.1
 *     Content-Length     the body's length in bytes
 *     Transfer-Encoding  the body is chunked
 *     Connection         whether another request may follow
 *     Expect             the client waits for "100 Continue" before it sends
 *                        the body
 *
 * If two parsers disagree on these fields, an attacker can hide a request in
 * the body of another (RFC 9112 section 11.2, "request smuggling"). So this
 * module checks each field strictly. It refuses a repeated Host, Content-Length
 * or Transfer-Encoding even if both values are the same. */
#ifndef ONE_RING_HTTP_FRAMING_H
#define ONE_RING_HTTP_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"

/* The bits of http_request.seen. */
enum {
    SEEN_HOST = 1,
    SEEN_LENGTH = 2,
    SEEN_CODING = 4,
    SEEN_CLOSE = 8,
    SEEN_KEEP_ALIVE = 16
};

/* Returns true if c is "h", "c", "t" or "e", in either case: the first letter
 * of a framing field's name. Also returns true for the few other bytes that
 * have the same low five bits. */
static inline bool http_framing_may_have(char c)
{
    const uint32_t letters = 1u << ('h' & 31) | 1u << ('c' & 31) |
                             1u << ('t' & 31) | 1u << ('e' & 31);

    return letters >> (c & 31) & 1;
}

/* Checks a complete field of request->fields, and stores it in request if it is
 * one of the five. Call it for each field, in the order of the head.
 *
 * Returns  0         the field is accepted
 *          -EBADMSG  request->error has status 400, 413 (a length over
 *                    body_max) or 501 (a coding before "chunked") */
int http_framing_take(struct http_request *request,
                      const struct http_field *field);

/* Checks the fields together at the end of the head, and sets keep_alive.
 * offset is the position of the head's last byte.
 *
 * Returns  0         the head is accepted
 *          -EBADMSG  request->error has status 400: HTTP/1.1 without Host */
static inline int http_framing_finish(struct http_request *request,
                                      size_t offset)
{
    bool is_close = request->seen & SEEN_CLOSE;

    if (request->minor > 0 && !(request->seen & SEEN_HOST))
        return http_fail(&request->error, 400, "no Host in HTTP/1.1", offset);
    /* HTTP/1.1 keeps the connection open unless the request has "close".
     * HTTP/1.0 closes it unless the request has "keep-alive". */
    request->keep_alive =
        !is_close && (request->minor > 0 || request->seen & SEEN_KEEP_ALIVE);
    return 0;
}

#endif
