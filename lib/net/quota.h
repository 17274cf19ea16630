/* quota.h: how many connections each address has, in all rings together.
 * Introduced in phase 10. Needs: peer.h.
 *
 * An exact table would need a lock, and an answer to "what if it is full". This
 * one has two rows of counters. An address has one counter in each row, found
 * by two hashes, and shares it with other addresses:
 *
 *     row 0   [ . | 3 | . | . | 9 | . ]
 *                   ^           \
 *     address a ----+            another address shares this one with b
 *                   v
 *     row 1   [ . | . | . | 3 | . | . ]
 *
 * The lower of its two counters is never less than an address's connections, so
 * the limit holds. It is more only if others share both counters. With 10,000
 * addresses that is true for about 2 in 100, and then only matters if their
 * connections together reach the limit. The hashes have a secret, so that a
 * client cannot choose addresses that share the counters of another client.
 *
 * IPv6 addresses count by their first 64 bits, because one client has that many
 * at least. Clients of a Unix socket have no address, and no limit.
 *
 * Source: Cormode and Muthukrishnan, "An improved data stream summary: the
 * count-min sketch and its applications", 2005. */
#ifndef ONE_RING_QUOTA_H
#define ONE_RING_QUOTA_H

#include <stdbool.h>

#include "peer.h"

/* Any thread may call these functions at any time. They do not suspend. */

/* Returns true if the peer may have one more connection, of max. */
bool quota_has_room(const struct peer *peer, unsigned max);

/* Counts one more connection. Returns false, and counts nothing, if the peer
 * has max of them. */
bool quota_take(const struct peer *peer, unsigned max);

/* Counts one connection less. */
void quota_release(const struct peer *peer);

#endif
