/* status.h: the status codes of this server, with their lines and pages.
 * Introduced in phase 10. Needs: view.h.
 *
 * Everything is constant text: an error page has no byte of the request, so
 * nothing in it needs escaping. Codes: 100 200 204 206 301 304 400 403 404 405
 * 408 413 414 416 417 431 500 501 503 505. Another code is a programmer error:
 * asserted. From RFC 9110, section 15, and RFC 6585, section 5 (431). */
#ifndef ONE_RING_STATUS_H
#define ONE_RING_STATUS_H

#include <stdbool.h>

#include "view.h"

/* The most bytes in a line or a page, for sizing buffers. */
#define STATUS_LINE_MAX 64
#define STATUS_PAGE_MAX 256

/* Returns the status line, "HTTP/1.1 404 Not Found\r\n". A server sends its own
 * version, not the client's (RFC 9110, section 2.5). */
struct view status_line(int status);

/* Returns a small HTML page with the error in words, text/html, UTF-8: for 301
 * and from 400 on. Empty for the others. */
struct view status_page(int status);

/* True if a response with this status has content. 1xx, 204 and 304 end with
 * their head, and have no Content-Length here. */
bool status_has_content(int status);

/* Returns the status for a result of path_decode, of opening the file, or of
 * waiting for the request.
 *
 * Returns  200  >= 0
 *          400  -EINVAL, -EILSEQ
 *          403  -EACCES, -EPERM
 *          404  -ENOENT, -ENOTDIR, -ELOOP, -ENXIO; and -EXDEV, so that a client
 *               does not learn of files outside the root
 *          408  -ETIME, -ETIMEDOUT
 *          414  -ENAMETOOLONG
 *          503  -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS, -EAGAIN: these may pass
 *          500  any other */
int status_of_result(int result);

#endif
