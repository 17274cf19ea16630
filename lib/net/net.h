/* net.h: addresses as text, and listening sockets.
 * Introduced in phase 8. Needs: nothing.
 *
 * Addresses are numeric: "127.0.0.1" and "::1" with a port, or "unix:/path"
 * without one. A lookup of a name blocks: use phase 4's threadpool for it. */
#ifndef ONE_RING_NET_H
#define ONE_RING_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The longest text of net_format, with its NUL. */
#define NET_TEXT_MAX 128

struct net_address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* Reads an address from text.
 *
 * Returns  0              success
 *          -EINVAL        name is neither a numeric address nor unix:PATH
 *          -ERANGE        port is above 65535
 *          -ENAMETOOLONG  the path does not fit into a Unix address */
int net_parse(struct net_address *address, const char *name, unsigned port);

/* Writes "127.0.0.1:80", "[::1]:80" or "unix:/path" into text. */
void net_format(const struct net_address *address, char text[NET_TEXT_MAX]);

/* Makes a socket that listens at address, and stores the address actually
 * bound: port 0 picks a free one. The caller owns the fd. If shared, other
 * sockets may listen there too, and the kernel spreads connections over them
 * (SO_REUSEPORT). Connections inherit TCP_NODELAY: a server that sends whole
 * responses does not need Nagle's algorithm.
 *
 * Suspends for about a second at most, while the address is in use: a ring
 * releases its sockets shortly after its process has ended.
 *
 * Returns  >= 0                the fd
 *          -EADDRINUSE         another socket listens there
 *          -EADDRNOTAVAIL      this machine does not have the address
 *          -EACCES             a port or a directory is not permitted
 *          -ENOENT             the directory of a Unix socket does not exist
 *          -EMFILE, -ENFILE    no fd is free
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from socket(2), bind(2), listen(2) */
int net_await_listen(struct net_address *address, int backlog, bool shared);

#endif
