/* accept_all.h: many connections from one request.
 *
 * An exercise of phase 8; see phase8/exercises/README.md. */
#ifndef ACCEPT_ALL_H
#define ACCEPT_ALL_H

#include <liburing.h>

/* Accepts count connections of a listener with multishot accepts. Calls use
 * with the descriptor of each. There are exactly count clients. At any moment
 * at most one accept is armed; when it returns, none is, and no result is in
 * the CQ.
 *
 * Returns 0       success
 *         -errno  an accept failed */
int accept_all(struct io_uring *ring, int listener, unsigned count,
               void (*use)(int connection));

#endif
