/* service.h: a server program from its options to its end.
 * Introduced in phase 8. Needs: server_limits.h, net.h, server.h.
 *
 *     signals --> ring 0 --post--> ring 1, ring 2, ...
 *                 each: a worker, with its thread, loop, listener, server
 *
 * Workers share no data, so they need no lock: the kernel spreads the
 * connections over the listeners (SO_REUSEPORT). SIGTERM and SIGINT stop all of
 * them gracefully, a second signal at once. On SIGUSR1 each prints its
 * counters. If one worker fails, all stop. */
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
    size_t state_len; /* bytes of each connection's state */

    /* Called once, when every listener is open, with the address actually
     * bound. Connections are served from now on. */
    void (*on_listening)(const struct net_address *address);

    /* Open and close the context of a worker (0, 1, ...), in a task of it. Both
     * may suspend; NULL: no context. open returns 0 or -errno. close is called
     * only after an open that succeeded, when no connection is left. */
    int (*await_open)(void **context, unsigned ring, void *arg);
    void (*await_close)(void *context);
    void *arg; /* borrowed: for await_open */
};

/* The step at which service_run failed. */
enum service_step {
    SERVICE_RING,
    SERVICE_LISTEN,
    SERVICE_SERVER,
    SERVICE_CONTEXT,
    SERVICE_ACCEPT,
    SERVICE_THREAD
};

/* Serves until a signal ends it. main calls it once, before other threads
 * exist. Blocks SIGTERM, SIGINT and SIGUSR1, ignores SIGPIPE, and removes the
 * name of a Unix socket at the end.
 *
 * Returns  0       a signal ended it
 *          -errno  the error of the first worker that failed; *step is the
 *                  failed step */
int service_run(const struct service_options *options, enum service_step *step);

/* Calls service_run, for main. After a failure it prints the reason and
 * advice on stderr; program is the beginning of the message.
 *
 * Returns 0  a signal ended it
 *         1  it could not listen, start, or continue
 *         2  there is no ring: the environment is wrong */
int service_main(const struct service_options *options, const char *program);

#endif
