/* status.h: the status lines and error pages of this server.
 * Introduced in phase 10. Needs: view.h.
 *
 * All text is constant. An error page contains no byte of the request, so
 * nothing in it needs escaping. The codes are 100 200 204 206 301 304 400 403
 * 404 405 408 412 413 414 416 417 431 500 501 503 505. Any other code is a
 * programmer error and fails an assertion. Source: RFC 9110, section 15, and
 * RFC 6585, section 5 (431). */
#ifndef ONE_RING_STATUS_H
#define ONE_RING_STATUS_H

#include <stdbool.h>

#include "view.h"

/* The maximum length of a line and of a page, for sizing buffers. */
#define STATUS_LINE_MAX 64
#define STATUS_PAGE_MAX 256

/* Returns the status line, for example "HTTP/1.1 404 Not Found\r\n". A server
 * sends its own version, not that of the client (RFC 9110, section 2.5). */
struct view status_line(int status);

/* Returns a small HTML page (UTF-8) that explains the status. Only 301 and the
 * codes from 400 on have a page. For other codes, the view is empty. */
struct view status_page(int status);

/* Returns true if status is an error for which this server has a page. Accepts
 * any number. */
bool status_has_page(int status);

/* Returns the page of a 404 for a directory that exists, but has no index. */
struct view status_page_no_index(void);

/* Returns true if a response with this status has content. A 1xx, 204 or 304
 * response ends after its head, and this server omits its Content-Length. */
bool status_has_content(int status);

/* Converts a result to a status. The result is that of path_decode, of opening
 * the file, or of waiting for the request.
 *
 * Returns  200  >= 0
 *          400  -EINVAL, -EILSEQ
 *          403  -EACCES, -EPERM
 *          404  -ENOENT, -ENOTDIR, -ELOOP, -ENXIO, -ENAMETOOLONG: there is no
 *               such file; also -EXDEV, so that a client does not learn which
 *               files exist outside the root
 *          408  -ETIME, -ETIMEDOUT
 *          503  -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS, -EAGAIN, -ERR_NO_WORKER:
 *               all temporary
 *          500  any other */
int status_of_result(int result);

#endif
