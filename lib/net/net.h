/* net.h: addresses in words, and listening sockets.
 * Introduced in phase 8. Needs: nothing.
 *
 * Addresses are numeric: looking a name up blocks, which phase 4's threadpool
 * is for. "127.0.0.1" and "::1" with a port, or "unix:/path" without. */
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

/* Reads an address. Returns 0; -EINVAL if name is not a numeric address;
 * -ERANGE if port is above 65535; -ENAMETOOLONG for a Unix socket's path. */
int net_parse(struct net_address *address, const char *name, unsigned port);

/* Writes "127.0.0.1:80", "[::1]:80" or "unix:/path" into text. */
void net_format(const struct net_address *address, char text[NET_TEXT_MAX]);

/* Makes a socket that listens at address, and replaces address by the one that
 * it got: port 0 picks a free one. shared: others may listen there too, and the
 * kernel spreads connections over them (SO_REUSEPORT). Connections inherit
 * TCP_NODELAY: a server that sends whole responses has nothing to collect.
 *
 * Suspends, at most about a second: a ring releases its sockets after its
 * process has ended, so an address may be taken a moment longer.
 * Returns the fd; -EADDRINUSE, -EACCES, -EADDRNOTAVAIL, -EMFILE, ... */
int net_await_listen(struct net_address *address, int backlog, bool shared);

#endif
