/* service.h: runs a server program from its options to its exit.
 * Introduced in phase 8. Needs: server_limits.h, net.h, server.h,
 * systemd.h.
 *
 *     signals --> ring 0 --post--> ring 1, ring 2, ...
 *                 each: a worker, with its thread, loop, listener, server
 *
 * Workers share only a few atomic flags and counters, and send each other
 * everything else as posts (post.h). The kernel spreads the connections over
 * the listeners (SO_REUSEPORT). The first SIGTERM or SIGINT stops all workers
 * gracefully; the second stops them immediately. On SIGUSR1 each worker prints
 * its counters. On SIGHUP the first worker calls await_hangup. If one worker
 * fails, all workers stop. */
#ifndef ONE_RING_SERVICE_H
#define ONE_RING_SERVICE_H

#include "server_limits.h"
#include "net.h"
#include "server.h"
#include "systemd.h"

struct service_options {
    struct limits limits;
    struct net_address address; /* not used if systemd has listeners */
    struct systemd systemd;     /* its descriptors belong to service_run */
    const char *name; /* static; the name of each connection's task */
    const char *program; /* static; for messages. service_main sets it */
    void (*serve)(struct conn *conn);
    size_t state_len; /* bytes of each connection's state */
    unsigned send_buf_len; /* SO_SNDBUF of each TCP connection, in bytes; 0:
                              the kernel adapts it to the connection */
    bool knows_peers; /* the server sets conn->peer of each connection */
    const struct counters_more *counters; /* borrowed; or NULL: none */
    const struct ring_rules *rules; /* borrowed: restrictions of each ring
                                       (ring_register.h); or NULL */
    unsigned tasks_more; /* tasks that serve may spawn per connection */

    /* Called by the first worker, once for each address, with the address
     * actually bound. All listeners are open, so clients can connect. */
    void (*on_listening)(const struct net_address *address);

    /* The maximum number of files that the program has open at the same time,
     * in all rings together, besides its connections. */
    unsigned files_max;

    /* Opens the context of a worker: the program's data for it. One of the
     * worker's tasks calls this. ring is the worker's index. limits is
     * borrowed; its files_max is this ring's share. May suspend. Returns 0 or
     * -errno. May be NULL: no context. */
    int (*await_open)(void **context, unsigned ring,
                      const struct limits *limits);

    /* The first worker calls this on SIGHUP. By convention, a program then
     * opens its files again. May suspend. NULL: SIGHUP ends the program. */
    void (*await_hangup)(void);

    /* Closes the context when no connection is left. Not called if await_open
     * failed. May suspend. May be NULL. */
    void (*await_close)(void *context);
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

/* Serves until a signal stops the service. options->limits must not exceed the
 * limits of the process (capacity_fit). Call it from main, before other threads
 * exist. It may be called again after it has returned. Blocks SIGTERM, SIGINT
 * and SIGUSR1, and SIGHUP if await_hangup is set. Signals that the process
 * already ignores stay ignored. Ignores SIGPIPE and SIGXFSZ. When the service
 * stops, removes the path of its Unix socket. Keeps the path if another socket
 * has it by then.
 *
 * Returns  0       a signal stopped the service
 *          -errno  the error of the first worker, by index, that failed;
 *                  *step is the step at which it failed */
int service_run(const struct service_options *options, enum service_step *step);

/* Adapts the limits to those of the process, calls service_run, and returns an
 * exit code for main. Prints a line on stderr if fewer connections fit than the
 * user requested. On failure, prints the reason and advice on stderr. Each
 * message begins with program.
 *
 * Returns 0  a signal stopped the service
 *         1  the service could not listen, start, or continue
 *         2  the service could not set up io_uring */
int service_main(const struct service_options *asked, const char *program);

#endif
