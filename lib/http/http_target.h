/* http_target.h: the target of a request, in its four forms.
 * Introduced in phase 9. Needs: view.h, http.h.
 *
 *     /path?query              origin-form, the usual one
 *     scheme://host/path?query absolute-form, as sent to a proxy
 *     host:port                authority-form, only with CONNECT
 *     *                        asterisk-form, only with OPTIONS
 *
 * The grammar is that of RFC 9112 section 3.2 and RFC 3986, with two exceptions
 * for targets that browsers and curl send. The exceptions are safe, because all
 * parsers agree on where such a target ends:
 *
 *  - A query may have any visible ASCII character, even "{", "#" and a lone
 *    "%". A server that does not interpret the query has no reason to refuse
 *    it.
 *  - A path may have [ ] { } | ^ " and `, which RFC 3986 does not allow there.
 *
 * The parser refuses blanks, control characters and bytes above 0x7e anywhere.
 * In a path it also refuses "<", ">", "\", a fragment, and a "%" without two
 * hexadecimal digits. */
#ifndef ONE_RING_HTTP_TARGET_H
#define ONE_RING_HTTP_TARGET_H

#include <stdbool.h>

#include "http.h"
#include "view.h"

/* Returns true if v is a host with an optional port. A host is a name, an IPv4
 * address, or an IPv6 address in brackets. The port is ":" and a number up to
 * 65535, or ":" alone. An empty v is not a host, because RFC 9110 4.2.1 rejects
 * "http:" URIs without a host. A v with a user or a path is not a host. In an
 * IPv6 address, checks only that each character is allowed. */
bool http_is_host(struct view v);

/* Continues reading the target at p and does not read past end. base is the
 * start of the buffer. This is one step of the state machine in http.c.
 *
 * Returns  not NULL  the position at which to continue; the state is
 *                    HTTP_AT_VERSION if the target is complete
 *          NULL      request->error has status 400 */
const char *http_target_read(struct http_request *request, const char *base,
                             const char *p, const char *end);

/* Checks the length of a request line that is not complete. p is the result of
 * the last step. If that step failed at a byte beyond the limit of the line,
 * replaces its error with status 414. Without this check, the error would
 * depend on how much input had arrived.
 *
 * Returns  not NULL  p
 *          NULL      request->error has the step's error, or status 414 */
const char *http_target_check_line(struct http_request *request,
                                   const char *base, const char *p);

/* Checks the length of the complete request line, and splits the target. Sets
 * form, the positions of path and query, and host if the target has one.
 *
 * Returns  0         the line is accepted
 *          -EBADMSG  request->error has status 400 or 414 */
int http_target_take(struct http_request *request, const char *base);

#endif
