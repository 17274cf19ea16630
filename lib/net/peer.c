/* peer.c: the address of a connection's client; see peer.h.
 * Introduced in phase 10. Needs: peer.h, sys_net.h. */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "sys_net.h"

struct peer peer_of(int fd)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct sockaddr_storage address = {0};
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address;
    struct peer peer = {0};

    if (sys_peer_address(fd, &address) < 0)
        return peer;
    if (address.ss_family == AF_INET) {
        peer.family = PEER_IPV4;
        memcpy(peer.bytes, &v4->sin_addr, 4);
    } else if (address.ss_family == AF_INET6) {
        const uint8_t *bytes = v6->sin6_addr.s6_addr;
        size_t skipped = memcmp(bytes, mapped, sizeof mapped) == 0 ? 12 : 0;

        peer.family = skipped > 0 ? PEER_IPV4 : PEER_IPV6;
        memcpy(peer.bytes, bytes + skipped, 16 - skipped);
    }
    return peer;
}

void peer_format(const struct peer *peer, char text[PEER_TEXT_MAX])
{
    memcpy(text, "unix:", sizeof "unix:");
    if (peer->family != PEER_UNIX)
        (void)inet_ntop(peer->family == PEER_IPV4 ? AF_INET : AF_INET6,
                        peer->bytes, text, PEER_TEXT_MAX);
}
