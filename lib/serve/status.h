/* status.h: the status codes that this server answers, in words.
 * Introduced in phase 10. Needs: view.h.
 *
 * Everything is constant text: a page of error repeats nothing of the request,
 * so there is nothing in it to escape. Codes: 100 200 204 206 301 304 400 403
 * 404 405 408 413 414 416 417 431 500 501 503 505; asking for another one is a
 * programmer's error, and asserts. From RFC 9110, section 15, and RFC 6585,
 * section 5 (431). */
#ifndef ONE_RING_STATUS_H
#define ONE_RING_STATUS_H

#include <stdbool.h>

#include "view.h"

/* The most bytes in a line or a page, for sizing buffers. */
#define STATUS_LINE_MAX 64
#define STATUS_PAGE_MAX 256

/* The status line, "HTTP/1.1 404 Not Found\r\n". A server names the version
 * that it speaks, whichever the client did (RFC 9110, section 2.5). */
struct view status_line(int status);

/* A small HTML page that says what happened: for 301 and from 400 on. Empty for
 * the others. text/html, UTF-8. */
struct view status_page(int status);

/* Whether a response of this status has content at all: not 1xx, 204 and 304,
 * whose head ends it and which carry no Content-Length here. */
bool status_has_content(int status);

/* The status that tells a client of a result: what path_decode, the opening of
 * the file and the waiting for the request return.
 *
 *   >= 0                                      200
 *   -EINVAL -EILSEQ                           400
 *   -EACCES -EPERM                            403
 *   -ENOENT -ENOTDIR -EXDEV -ELOOP -ENXIO     404  XDEV: it leads out of the
 *                                                  root, which is nobody's
 *                                                  business
 *   -ETIME -ETIMEDOUT                         408
 *   -ENAMETOOLONG                             414
 *   -EMFILE -ENFILE -ENOMEM -ENOBUFS -EAGAIN  503  may be over soon
 *   any other                                 500 */
int status_of_result(int result);

#endif
