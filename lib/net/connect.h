/* connect.h: connects to a server, and receives from it as a stream.
 * Introduced in phase 8. Needs: resolve.h, stream.h.
 *
 *     struct connection connection;
 *
 *     deadline_set_ns(5 * NS_PER_S);
 *     rc = resolve_await_host(&pool, "example.org", 80, &to);
 *     if (rc == 0)
 *         rc = connect_await_open(&connection, &to, &bufring, 8);
 *     deadline_clear();
 *     ... await_send_all(connection.fd, ...)
 *     ... stream_await_chunk(&connection.in, ...)
 *     connect_await_close(&connection);
 *
 * A host may have several addresses, and one of them may not answer. If each
 * attempt began only after the previous attempt had failed, a connect could
 * take minutes:
 *
 *     address 0   |--- SYN ... no answer ...          cancelled
 *     address 1        250 ms |--- SYN ... connected
 *     address 2                                       not tried
 *
 * So each attempt begins CONNECT_STAGGER_MS after the previous attempt, or as
 * soon as the previous attempt fails. The first connection wins, and the other
 * attempts are cancelled.
 *
 * Only the deadline of the calling task limits how long a connect takes.
 *
 * Source: RFC 8305 section 5. */
#ifndef ONE_RING_CONNECT_H
#define ONE_RING_CONNECT_H

#include "resolve.h"
#include "stream.h"

#define CONNECT_STAGGER_MS 250 /* RFC 8305: the Connection Attempt Delay */

struct connection {
    int fd;           /* owned */
    struct stream in; /* the data that the server sends */
};

/* Connects to the first address that answers. Sets TCP_NODELAY. Needs a free
 * task per address, at most RESOLVE_MAX. Suspends.
 *
 * Returns  >= 0           the fd, which the caller owns
 *          -ETIME         the deadline passed; no fd is left open
 *          -ECANCELED     the task was cancelled; no fd is left open
 *          -ECONNREFUSED, -EHOSTUNREACH, other -errno
 *                         all attempts failed; the error of the first address
 *          -EAGAIN        no task is free */
int connect_await_first(const struct addresses *addresses);

/* Connects like connect_await_first, and initializes the stream: see
 * stream_init. Borrows bufring. Returns 0, or -errno from
 * connect_await_first. */
int connect_await_open(struct connection *connection,
                       const struct addresses *addresses,
                       struct bufring *bufring, unsigned credit);

/* Ends the stream, and closes the connection. Cannot be interrupted. */
void connect_await_close(struct connection *connection);

#endif
