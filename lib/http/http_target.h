/* http_target.h: the target of a request, in its four forms.
 * Introduced in phase 9. Needs: view.h, http.h.
 *
 *     /path?query              origin-form, the usual one
 *     http://host/path?query   absolute-form, as sent to a proxy
 *     host:port                authority-form, with CONNECT only
 *     *                        asterisk-form, with OPTIONS only
 *
 * From RFC 9112 section 3.2 and RFC 3986. The parser refuses bytes that the
 * latter does not allow ("|", "<", all above 0x7e), a fragment, and a "%"
 * without two digits. One leniency: brackets, reserved for addresses, may be in
 * a path or query, since browsers send them and all readers agree on them. */
#ifndef ONE_RING_HTTP_TARGET_H
#define ONE_RING_HTTP_TARGET_H

#include <stdbool.h>

#include "http.h"
#include "view.h"

/* True if v is a host with an optional port: a name, an IPv4 address, or an
 * IPv6 address in brackets; then nothing, ":" alone, or ":" and a number up to
 * 65535. v may not be empty (RFC 9110 4.2.1 rejects "http:" URIs without a
 * host), and has no user and no path. Of IPv6 only the alphabet is checked. */
bool http_is_host(struct view v);

/* Continues to read the target, from p at most to end, in the buffer at base: a
 * step of http.c's machine.
 *
 * Returns  end       the target is incomplete
 *          not NULL  the position behind the space after the target; the state
 *                    is HTTP_AT_VERSION
 *          NULL      request->error has status 400 or 414 */
const char *http_target_read(struct http_request *request, const char *base,
                             const char *p, const char *end);

/* Divides the target once the request line is complete: sets form, and the
 * positions of path and query, and of host if the target has one.
 *
 * Returns  0         the target is accepted
 *          -EBADMSG  request->error has status 400 */
int http_target_take(struct http_request *request, const char *base);

#endif
