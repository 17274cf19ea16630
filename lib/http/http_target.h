/* http_target.h: the target of a request, in its four forms.
 * Introduced in phase 9. Needs: view.h, http.h.
 *
 *     /path?query              origin-form, the usual one
 *     http://host/path?query   absolute-form, as sent to a proxy
 *     host:port                authority-form, with CONNECT only
 *     *                        asterisk-form, with OPTIONS only
 *
 * From RFC 9112 section 3.2 and RFC 3986. Bytes for which the latter has no use
 * ("|", "<", anything over 0x7e), a fragment and a lone "%" are refused. One
 * leniency: brackets, kept for addresses, may stand in a path or query as well,
 * since browsers send them there and no two readers disagree on them. */
#ifndef ONE_RING_HTTP_TARGET_H
#define ONE_RING_HTTP_TARGET_H

#include <stdbool.h>

#include "http.h"
#include "view.h"

/* Whether v is a host, and a port or not: a name, an IPv4 address or an IPv6
 * one in brackets; then ":" and up to 65535, or ":" alone. No user, no path,
 * and not empty: "http:" URIs without a host are to be rejected (RFC 9110
 * 4.2.1). Of IPv6 only the alphabet is checked. */
bool http_is_host(struct view v);

/* Reads on in the target, from p at most to end, in the buffer at base: a step
 * of http.c's machine. Returns where to read on: at end, or behind the space
 * after the target, the state being HTTP_AT_VERSION then; or NULL with
 * request->error filled in: 400, 414. */
const char *http_target_read(struct http_request *request, const char *base,
                             const char *p, const char *end);

/* Takes the target apart once the request line is whole: sets form, and the
 * positions of path and query, and that of host where the target names one.
 *
 * Returns 0; or -EBADMSG with request->error filled in: 400. */
int http_target_take(struct http_request *request, const char *base);

#endif
