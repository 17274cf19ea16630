/* quota.h: how many connections each address has, in all rings together.
 * Introduced in phase 10. Needs: peer.h.
 *
 * An exact table would need a lock, and a rule for the case that it is full.
 * This table has two rows of counters. Two hashes of an address select one
 * counter in each row, and other addresses may share these counters:
 *
 *     row 0   [ . | 3 | . | . | 9 | . ]
 *                   ^           \
 *     address a ----+            another address shares this one with b
 *                   v
 *     row 1   [ . | . | . | 3 | . | . ]
 *
 * The lower of an address's two counters is never less than the number of that
 * address's connections, so the limit holds. The lower counter is too high only
 * if other addresses share both counters. With 10,000 addresses, that is true
 * of about 7 in 100. The error matters only if the connections of all addresses
 * that share a counter reach the limit together. The hashes depend on a secret,
 * so that a client cannot choose addresses that share the counters of another
 * client.
 *
 * All IPv6 addresses with the same first 64 bits count as one address, because
 * a single client usually has all of them. Clients of a Unix socket have no
 * address, and no limit.
 *
 * Source: Cormode and Muthukrishnan, "An improved data stream summary: the
 * count-min sketch and its applications", 2005. */
#ifndef ONE_RING_QUOTA_H
#define ONE_RING_QUOTA_H

#include <stdbool.h>

#include "peer.h"

/* Any thread may call these functions at any time. They do not suspend. */

/* Returns true if the peer's address has fewer than max connections. */
bool quota_has_room(const struct peer *peer, unsigned max);

/* Counts one more connection. Returns false, and counts nothing, if the peer's
 * address has max connections. */
bool quota_take(const struct peer *peer, unsigned max);

/* Subtracts one connection that quota_take has counted. */
void quota_release(const struct peer *peer);

#endif
