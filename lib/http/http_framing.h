/* http_framing.h: the five fields on which a request's end depends.
 * Introduced in phase 9. Needs: view.h, http.h.
 *
 *     Host               the name of the site; exactly one in HTTP/1.1
 *     Content-Length     the body's length in bytes
 *     Transfer-Encoding  the body is in chunks
 *     Connection         another request may follow, or not
 *     Expect             the client waits for a 100 before the body
 *
 * If two readers disagree on these, one request can hide in another's body
 * (RFC 9112 section 11.2, "request smuggling"). So the parser checks each field
 * strictly, and refuses a repeated one even if both have the same value. */
#ifndef ONE_RING_HTTP_FRAMING_H
#define ONE_RING_HTTP_FRAMING_H

#include <stdbool.h>

#include "http.h"
#include "view.h"

/* Checks the header field that was completed last, and stores it in request if
 * it is one of the five.
 *
 * Returns  0         the field is accepted
 *          -EBADMSG  request->error has status 400, 413 (a length over
 *                    body_max) or 501 (a coding before "chunked") */
int http_framing_take(struct http_request *request);

/* Checks the fields together at the end of the head, and sets keep_alive.
 * offset is that of the head's last byte.
 *
 * Returns  0         the head is accepted
 *          -EBADMSG  request->error has status 400: HTTP/1.1 without Host */
int http_framing_finish(struct http_request *request, size_t offset);

/* True if a field with that name is one of the five. They are too late behind a
 * body: body.c refuses such a trailer. */
bool http_framing_has(struct view name);

#endif
