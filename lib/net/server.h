/* server.h: connections as tasks, with limits and a graceful end.
 * Introduced in phase 8. Needs: acceptor.h, bufring.h, future.h,
 * server_limits.h, stream.h, task.h.
 *
 *     acceptor --fd--> a free struct conn --> a task that runs options.serve
 *
 * There are at most conns_max connections, allocated once. When all are busy
 * the acceptor pauses, and the rest waits in the kernel's backlog.
 *
 * Rules
 *  - serve owns the connection while it runs. When it returns, the input is
 *    stopped and the fd closed, in this order, by server.c.
 *  - Do say, with conn_set_idle, when nothing is under way: such a connection
 *    is ended first when the server is to stop. */
#ifndef ONE_RING_SERVER_H
#define ONE_RING_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acceptor.h"
#include "bufring.h"
#include "future.h"
#include "server_limits.h"
#include "stream.h"
#include "task.h"

struct server;

struct conn {
    struct task task;
    struct queue_node node; /* in server->free while there is no connection */
    struct server *server;  /* borrowed */
    int fd;                 /* owned; closed when serve has returned */
    struct stream in;       /* what the peer sends */
    bool is_alive;
    bool is_idle;
    bool aborts;            /* close with RST: the peer must not take what it
                               got for the whole */
    void *state;            /* its own state_len bytes, not cleared */
};

struct server_options {
    const struct limits *limits; /* borrowed while the server lives */
    const char *name;            /* of its tasks; static */
    void (*serve)(struct conn *conn);
    void *context;               /* borrowed: serve's, as server->context */
    size_t state_len;            /* bytes that each connection has for itself */
};

struct server {
    struct server_options options;
    void *context; /* borrowed */
    struct bufring bufring;
    struct acceptor acceptor;
    struct conn *conns; /* owned: conns_max of them */
    void *memory;       /* owned: the conns, their states, the fds that wait */
    size_t mapped_len;
    struct queue free;  /* conns without a connection */
    unsigned alive;
    bool is_stopping;
    struct future stopped;   /* server_stop was called */
    struct future all_ended; /* stopping, and nothing is left */
    uint64_t accepted, closed;
};

/* Makes what all connections will need; nothing is allocated later. The loop of
 * this thread has room for conns_max tasks and a few.
 * Returns 0 or -errno as bufring_init; on failure nothing is left. */
int server_init(struct server *server, const struct server_options *options);

/* Accepts a zeroed server; no connection may be alive. */
void server_finish(struct server *server);

/* Serves what connects to listener until server_stop, and then ends: listening
 * first, idle connections at once, busy ones when they are done or drain_ms
 * have passed. Takes ownership of listener and closes it. Suspends.
 * Returns 0, or the -errno that ended accepting for good. */
int server_await_end(struct server *server, int listener);

/* Has server_await_end end; a second call ends busy connections at once too.
 * May be called from any task of the loop. Does not suspend. */
void server_stop(struct server *server);

/* Says whether anything is under way for the peer. Called by serve. */
void conn_set_idle(struct conn *conn, bool is_idle);

/* True once the server is stopping: finish what is under way, take no more. */
static inline bool conn_should_end(const struct conn *conn)
{
    return conn->server->is_stopping;
}

/* Writes the counters of server and loop to stderr: "name value" lines. */
void server_print_counters(const struct server *server);

#endif
