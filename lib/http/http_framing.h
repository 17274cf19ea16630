/* http_framing.h: the five fields on which a request's end depends.
 * Introduced in phase 9. Needs: view.h, http.h.
 *
 *     Host               which site; exactly one in HTTP/1.1
 *     Content-Length     the body's length in bytes
 *     Transfer-Encoding  the body comes in chunks
 *     Connection         whether another request may follow
 *     Expect             whether the body waits for a 100
 *
 * Where two readers disagree on these, one request hides in another's body
 * (RFC 9112 section 11.2, "request smuggling"). So each is held to the letter,
 * and what is said twice is refused even if it says the same. */
#ifndef ONE_RING_HTTP_FRAMING_H
#define ONE_RING_HTTP_FRAMING_H

#include <stdbool.h>

#include "http.h"
#include "view.h"

/* Looks at the header field that was completed last, and takes note if it is
 * one of the five. Returns 0; or -EBADMSG with request->error filled in: 400,
 * 413 (a length over body_max) or 501 (a coding before "chunked"). */
int http_framing_take(struct http_request *request);

/* Decides, at the end of the head, what depends on all fields together. offset
 * is that of the head's last byte. Returns 0 or -EBADMSG. */
int http_framing_finish(struct http_request *request, size_t offset);

/* Whether a field of that name is one of the five. Behind a body it comes too
 * late: a trailer with such a name is refused. */
bool http_framing_has(struct view name);

#endif
