/* http_line.h: the request line, byte by byte.
 * Introduced in phase 9. Needs: http.h, view.h.
 *
 *     LEADING -> METHOD -SP-> TARGET -SP-> VERSION -CRLF-> FIELDS
 *
 * These are the first steps of the state machine in http.c. They also skip
 * empty lines before the request line, which old clients send. */
#ifndef ONE_RING_HTTP_LINE_H
#define ONE_RING_HTTP_LINE_H

#include "http.h"
#include "view.h"

/* Continues reading the request line at p and does not read past end. base is
 * the start of the buffer. Does nothing if the line has been read.
 *
 * Returns  not NULL  the position at which to continue; the state is
 *                    HTTP_AT_FIELDS if the line is complete
 *          NULL      request->error has status 400, 414, 501 or 505 */
const char *http_line_read(struct http_request *request, const char *base,
                           const char *p, const char *end);

/* Returns the method with that name, or HTTP_OTHER. Unlike field names, methods
 * are case-sensitive. */
enum http_method http_find_method(struct view name);

#endif
