/* net.h: addresses as text, and listening sockets.
 * Introduced in phase 8. Needs: nothing.
 *
 * Addresses are numeric: "127.0.0.1" and "::1" with a port, or "unix:/path"
 * without one. Looking up a name blocks: use phase 4's threadpool for that. */
#ifndef ONE_RING_NET_H
#define ONE_RING_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The longest text that net_format writes, including the NUL. */
#define NET_TEXT_MAX 128

struct net_address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* Parses a numeric address with a port, or unix:PATH.
 *
 * Returns  0              success
 *          -EINVAL        name is neither a numeric address nor unix:PATH
 *          -ERANGE        port is above 65535
 *          -ENAMETOOLONG  the path does not fit into a Unix address */
int net_parse(struct net_address *address, const char *name, unsigned port);

/* Writes "127.0.0.1:80", "[::1]:80" or "unix:/path" into text. */
void net_format(const struct net_address *address, char text[NET_TEXT_MAX]);

/* Creates a socket that listens at address, and stores the address actually
 * bound, because port 0 picks a free port. The caller owns the fd. If shared,
 * other sockets may listen at the same address, and the kernel spreads
 * connections over them (SO_REUSEPORT). Connections inherit TCP_NODELAY: a
 * server that sends whole responses does not need Nagle's algorithm.
 *
 * While the address is in use, suspends and retries for about a second: the
 * kernel may release a ring's sockets shortly after the process has ended.
 *
 * Returns  >= 0                the fd
 *          -EADDRINUSE         another socket uses the address
 *          -EADDRNOTAVAIL      this machine does not have the address
 *          -EACCES             no permission for the port or the directory
 *          -ENOENT             the directory of a Unix socket does not exist
 *          -EMFILE, -ENFILE    no fd is free
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from socket(2), bind(2), listen(2) */
int net_await_listen(struct net_address *address, int backlog, bool shared);

#endif
