/* peer.h: the address of a connection's client, in 17 bytes.
 * Introduced in phase 10. Needs: sys_net.h.
 *
 * A server with many connections keeps one struct peer per connection. A struct
 * sockaddr_storage has 128 bytes, mostly for the path of a Unix socket. A
 * client's end of a Unix socket usually has no path. */
#ifndef ONE_RING_PEER_H
#define ONE_RING_PEER_H

#include <stdint.h>

enum peer_family { PEER_UNIX, PEER_IPV4, PEER_IPV6 };

/* A zeroed peer is the client of a Unix socket. */
struct peer {
    uint8_t family;    /* enum peer_family */
    uint8_t bytes[16]; /* in network order; IPv4 uses the first four */
};

#define PEER_TEXT_MAX 48u

/* Returns the peer of a connected socket. If the client has gone, so that the
 * kernel reports no address, returns a zeroed peer. Converts an IPv4 address
 * that is mapped into IPv6 (::ffff:192.0.2.1) to IPv4. Does not suspend. */
struct peer peer_of(int fd);

/* Writes "192.0.2.1", "2001:db8::1" or "unix:", with a NUL. */
void peer_format(const struct peer *peer, char text[PEER_TEXT_MAX]);

#endif
