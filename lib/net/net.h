/* net.h: addresses as text, and listening sockets.
 * Introduced in phase 8. Needs: socket_name.h.
 *
 * Addresses are numeric: "127.0.0.1" and "::1" with a port, or "unix:/path"
 * without one. "localhost" means 127.0.0.1. Looking up any other name may
 * block, so do that in a thread (threadpool.h). */
#ifndef ONE_RING_NET_H
#define ONE_RING_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "socket_name.h"

/* The longest text that net_format writes, including the NUL. */
#define NET_TEXT_MAX 128

struct net_address {
    struct sockaddr_storage storage;
    socklen_t len;
    mode_t mode;             /* permissions of a Unix socket; 0: by umask */
    struct socket_name name; /* created by net_await_listen, if any */
};

/* Parses a numeric address with a port, localhost, or unix:PATH. An IPv6
 * address may be in brackets, and may have a zone: "fe80::1%eth0". A link-local
 * address needs a zone, because the same address can exist on several
 * interfaces.
 *
 * Returns  0              success
 *          -EINVAL        name has none of these forms
 *          -ENODEV        the zone is not an interface of this machine
 *          -ERANGE        port is above 65535
 *          -ENAMETOOLONG  the path does not fit into a Unix address */
int net_parse(struct net_address *address, const char *name, unsigned port);

/* Writes "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80" or "unix:/path" into
 * text. A zone is written as the number of its interface. */
void net_format(const struct net_address *address, char text[NET_TEXT_MAX]);

/* Creates a socket that listens at *address. Stores the address actually bound
 * in *address, because the kernel replaces port 0 with a free one. The caller
 * owns the fd. Sets TCP_NODELAY, which accepted connections inherit: a server
 * that sends whole responses does not need Nagle's algorithm. Replaces a stale
 * socket at a Unix path.
 *
 * If shared is true, sockets for which net_share was called may already listen
 * at the address. The kernel then spreads connections over all these sockets.
 * If shared is false, the call fails while any other socket listens there. If
 * it did not fail, a second instance of a program would start without an error
 * and get half of the clients.
 *
 * While the address is in use, suspends and retries for about a second. When a
 * process with a ring has ended, the kernel may hold that process's sockets for
 * a moment longer, so the first attempt of the next process may fail.
 *
 * Returns  >= 0                the fd
 *          -EADDRINUSE         another socket uses the address, or the path
 *                              is a file that is not a socket
 *          -EADDRNOTAVAIL      this machine does not have the address
 *          -EACCES             no permission for the port or the directory
 *          -ENOENT             the directory of a Unix socket does not exist
 *          -EMFILE, -ENFILE    no fd is free
 *          -ECANCELED, -ETIME  interrupted
 *          other -errno        from socket(2), bind(2), listen(2) */
int net_await_listen(struct net_address *address, int backlog, bool shared);

/* Sets TCP_NODELAY, as net_await_listen does, on a socket that already listens,
 * such as one from systemd. Stores its address, but no name, in *address, so
 * net_remove_name does not remove a path that another process has created.
 * Returns 0, or -errno from getsockname(2). */
int net_adopt(int listener, struct net_address *address);

/* Creates a UDP socket that is bound to *address. Stores the address actually
 * bound in *address. The caller owns the fd. shared is as in net_await_listen.
 * Does not wait for an address that is in use, and does not suspend.
 *
 * Returns  >= 0              the fd
 *          -EAFNOSUPPORT     the address is a Unix path
 *          -EADDRINUSE       another socket uses the address
 *          -EADDRNOTAVAIL, -EACCES, -EMFILE, -ENFILE  as net_await_listen
 *          other -errno      from socket(2) or bind(2) */
int net_bind_datagram(struct net_address *address, bool shared);

/* Lets other sockets of this user share the address of a bound socket
 * (SO_REUSEPORT). Returns 0, or -errno from setsockopt(2). */
int net_share(int listener);

/* Removes the name that net_await_listen created for a Unix socket. Does
 * nothing if another socket has the name by now, or if the address is not a
 * Unix path. Call this before you close the socket. */
void net_remove_name(struct net_address *address);

#endif
