/* resolve.h: the addresses of a host, by name.
 * Introduced in phase 8. Needs: net.h, threadpool.h.
 *
 * getaddrinfo(3) reads files and queries servers, so it may block for seconds.
 * The ring has no operation for it. So a thread of a pool makes the call. A
 * numeric address needs no thread.
 *
 * Source: getaddrinfo(3), RFC 6724 (the order), RFC 8305 section 4 (the order
 * of the families). */
#ifndef ONE_RING_RESOLVE_H
#define ONE_RING_RESOLVE_H

#include "net.h"
#include "threadpool.h"

#define RESOLVE_MAX 6 /* addresses that are used; others are ignored */

struct addresses {
    unsigned count; /* at least 1 after success */
    struct net_address list[RESOLVE_MAX]; /* the preferred one first */
};

/* Finds the stream addresses of host. host is a name, or an address that
 * net_parse accepts. IPv6 and IPv4 addresses alternate, so that one family that
 * does not work delays the other one only once. If pool is NULL, accepts only
 * an address. Suspends. An interruption does not end a call of getaddrinfo(3)
 * that has begun, and such a call may take seconds.
 *
 * Returns  0              success; *out is filled
 *          -EINVAL        host is not numeric, and pool is NULL
 *          -ENOENT        no such name, or it has no address
 *          -EAGAIN        the name server did not answer
 *          -ENAMETOOLONG  host is longer than 255 bytes
 *          -ECANCELED, -ETIME  the task was interrupted before the call began
 *          -EIO           another failure of the name server
 *          other -errno   from net_parse or getaddrinfo(3) */
int resolve_await_host(struct threadpool *pool, const char *host, unsigned port,
                  struct addresses *out);

#endif
