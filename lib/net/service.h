/* service.h: a server program from its options to its end.
 * Introduced in phase 8. Needs: server_limits.h, net.h, server.h.
 *
 *     signals --> ring 0 --post--> ring 1, ring 2, ...
 *                 each: a worker, with its thread, loop, listener, server
 *
 * Workers share nothing, so nothing is locked: the kernel spreads the
 * connections over the listeners (SO_REUSEPORT). SIGTERM and SIGINT stop all of
 * them gracefully, a second one at once; SIGUSR1 has each print its counters.
 * If one worker fails, all stop. */
#ifndef ONE_RING_SERVICE_H
#define ONE_RING_SERVICE_H

#include "server_limits.h"
#include "net.h"
#include "server.h"

struct service_options {
    struct limits limits;
    struct net_address address;
    const char *name; /* of the connections' tasks; static */
    void (*serve)(struct conn *conn);
    size_t state_len; /* bytes that each connection has for itself */

    /* Called once, when every listener is open, with the address actually
     * bound: from now on connections are served. */
    void (*on_listening)(const struct net_address *address);

    /* A context for each worker (0, 1, ...), which a task of it opens and
     * closes. Either may suspend. NULL: none. open returns 0 or -errno; close
     * is called only after an open that succeeded, when no connection is
     * left. */
    int (*await_open)(void **context, unsigned ring, void *arg);
    void (*await_close)(void *context);
    void *arg; /* borrowed: for await_open */
};

/* What service_run was doing when it failed. */
enum service_step {
    SERVICE_RING,
    SERVICE_LISTEN,
    SERVICE_SERVER,
    SERVICE_CONTEXT,
    SERVICE_ACCEPT,
    SERVICE_THREAD
};

/* Serves until a signal ends it. To be called from main, once, before other
 * threads exist. Blocks SIGTERM, SIGINT and SIGUSR1, ignores SIGPIPE. The name
 * of a Unix socket is removed at the end.
 * Returns 0, or the first -errno, with *step saying what failed. */
int service_run(const struct service_options *options, enum service_step *step);

/* Calls service_run, for main. Prints on stderr why it failed and what to do
 * about it; program is the beginning of the message.
 *
 * Returns 0  a signal ended it
 *         1  it could not listen, start, or continue
 *         2  there is no ring: the environment is wrong */
int service_main(const struct service_options *options, const char *program);

#endif
