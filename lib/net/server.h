/* server.h: one task per connection, with limits and a graceful shutdown.
 * Introduced in phase 8. Needs: acceptor.h, bufring.h, future.h,
 * server_limits.h, stream.h, task.h.
 *
 *     acceptor --fd--> a free struct conn --> a task that runs options.serve
 *
 * server_init allocates conns_max struct conn. When all are in use, the
 * acceptor pauses, and other clients wait in the kernel's backlog.
 *
 * Rules
 *  - serve owns the connection while it runs. When it returns, server.c stops
 *    the input, then closes the fd.
 *  - Call conn_set_idle when a request begins and when it is done: a server
 *    that is stopping ends idle connections first. */
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
    struct queue_node node; /* in server->free while not in use */
    struct server *server;  /* borrowed */
    int fd;                 /* owned; closed when serve has returned */
    struct stream in;       /* the data that the peer sends */
    bool is_alive;
    bool is_idle;
    bool aborts;            /* close with RST, so that the peer notices that
                               the response is incomplete */
    void *state;            /* state_len bytes for serve, not cleared */
};

struct server_options {
    const struct limits *limits; /* borrowed until server_finish */
    const char *name;            /* of the connections' tasks; static */
    void (*serve)(struct conn *conn);
    void *context;               /* borrowed; passed on as server->context */
    size_t state_len;            /* bytes of state per connection */
};

struct server {
    struct server_options options;
    void *context; /* borrowed */
    struct bufring bufring;
    struct acceptor acceptor;
    struct conn *conns; /* owned: conns_max of them */
    void *memory;       /* owned: the conns, their states, the queued fds */
    size_t mapped_len;
    struct queue free;  /* conns that are not in use */
    unsigned alive;
    bool is_stopping;
    struct future stopped;   /* server_stop was called */
    struct future all_ended; /* stopping, and no connection is left */
    uint64_t accepted, closed;
};

/* Allocates the memory for all connections and receive buffers. The server
 * allocates nothing later. This thread's loop must have room for conns_max
 * tasks and a few more. On failure, all resources are released.
 *
 * Returns  0        success
 *          -ENOMEM  out of memory
 *          -EEXIST  the ring already has buffer group 0
 *          -EINVAL  the kernel does not support buffer rings (before 5.19) */
int server_init(struct server *server, const struct server_options *options);

/* Releases the memory. No connection may be alive. Accepts a zeroed server. */
void server_finish(struct server *server);

/* Serves connections from listener until server_stop. Then closes the listener,
 * ends idle connections at once, and waits for busy ones, which it cancels
 * after drain_ms. Takes ownership of listener. Suspends.
 *
 * Returns  0       server_stop was called, or the task was interrupted
 *          -errno  accepting failed for good, with this error of accept(2) */
int server_await_end(struct server *server, int listener);

/* Makes server_await_end drain and return. A second call ends busy connections
 * at once. Any task of the loop may call it. Does not suspend. */
void server_stop(struct server *server);

/* Records whether the connection is between two requests. Call it from serve.
 * If the server is stopping, an idle connection is cancelled. */
void conn_set_idle(struct conn *conn, bool is_idle);

/* Returns true once the server is stopping. serve should then finish its
 * request and return. */
static inline bool conn_should_end(const struct conn *conn)
{
    return conn->server->is_stopping;
}

/* Prints the counters of the server and its loop on stderr, one per line as
 * "name value". */
void server_print_counters(const struct server *server);

#endif
