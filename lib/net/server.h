/* server.h: one task per connection, with limits and a graceful shutdown.
 * Introduced in phase 8. Needs: acceptor.h, bufring.h, conn.h, counters.h,
 * future.h, idle.h, room.h, server_limits.h, states.h, stream.h, task.h,
 * timer.h.
 *
 *     acceptor --fd--> a free struct conn --> a task that runs options.serve
 *
 * server_init maps an array of conns_max struct conn. The kernel allocates the
 * memory of a struct when the server uses it for the first time. If a client
 * arrives while all structs are in use, the server does the first of these that
 * is possible:
 *
 *   1. send the client to another ring that has room (options.peers)
 *   2. end the connection that has been idle longest, and use its struct
 *   3. end the connection that has waited longest for its peer (conn.h), if it
 *      has waited for at least LIMIT_HEAD_GRACE_MS
 *   4. pause the acceptor, so that later clients wait in the kernel's backlog
 *
 * Rules
 *  - serve owns the connection while it runs. When it returns, the server stops
 *    the input, then closes the fd, unless the connection is dormant.
 *  - Call conn_set_idle when a request begins and when it is done. The server
 *    ends idle connections if clients wait for a slot, or if it is stopping.
 *    Until its first request begins, a connection is not idle but fresh.
 *  - To end a connection, the server shuts down its input with shutdown(2).
 *    After that, the stream returns the data that has already arrived, and then
 *    0. So a request that arrived just before the shutdown is still served. */
#ifndef ONE_RING_SERVER_H
#define ONE_RING_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acceptor.h"
#include "bufring.h"
#include "conn.h"
#include "counters.h"
#include "future.h"
#include "idle.h"
#include "room.h"
#include "server_limits.h"
#include "states.h"
#include "stream.h"
#include "task.h"
#include "timer.h"

struct server_options {
    const struct limits *limits; /* borrowed until server_finish */
    const char *name;            /* static; the name of each conn's task */
    const char *program;         /* static; for drain_report; or NULL */
    void (*serve)(struct conn *conn);
    void *context;               /* borrowed; copied to server->context */
    const struct server_peers *peers; /* borrowed, or NULL */
    size_t state_len;            /* bytes of state per task */
    bool knows_peers;            /* set conn->peer, by a system call per conn */
    const struct counters_more *counters; /* borrowed, or NULL */
    unsigned ring;               /* index of this ring's page of counters */
};

struct server {
    struct server_options options;
    void *context; /* borrowed */
    struct states states;
    struct bufring bufring;
    struct acceptor acceptor;
    struct conn *conns; /* owned: conns_max of them */
    void *memory;       /* owned: the conns, the states, the queued fds */
    size_t mapped_len;
    struct queue free;  /* conns that are not in use, but were before */
    unsigned fresh;     /* index of the first conn that was never in use */
    struct idle_list idle;  /* idle conns, the longest wait first */
    struct idle_list heads; /* conns that wait for their peer */
    struct timer grace;     /* fires when evict_find can return heads.first */
    struct timer pace;      /* see pace.h */
    struct room own_room;
    struct room *room;  /* own_room, or options.peers->room */
    unsigned stopping_room; /* free slots once is_stopping is set */
    unsigned alive, dormant, leaving; /* numbers of conns in these states */
    uint64_t accepted_max; /* while draining: the maximum of accepted */
    bool is_stopping, is_draining; /* set by server_stop, server_await_end */
    bool is_cancelling;            /* all tasks must end, even new ones */
    struct future stopped;   /* completed by server_stop */
    struct future all_ended; /* completed when no connection is left */
    uint64_t accepted, closed;
    uint64_t evicted;        /* connections ended to make room for a client */
    uint64_t over_quota;     /* connections beyond the limit per address */
    uint64_t too_slow;       /* connections whose peer was too slow */
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

/* Serves connections from listener until server_stop. Then, in this order:
 *
 *   immediately  ends idle connections; accepts the clients that wait in the
 *                backlog, and closes the listener
 *   after the lower of LIMIT_FRESH_MS and drain_ms
 *                ends connections whose first request has not begun
 *   after drain_ms
 *                ends the input of all connections
 *   after another LIMIT_LAST_MS
 *                cancels the tasks of all connections, even of those that
 *                another ring sends later
 *
 * Takes ownership of listener. Suspends.
 *
 * Returns  0       server_stop was called, or the task was interrupted
 *          -errno  from accept(2): accepting failed permanently */
int server_await_end(struct server *server, int listener);

/* Makes server_await_end drain and return. A second call cancels the tasks of
 * all connections. Any task of the loop may call it. Does not suspend. */
void server_stop(struct server *server);

/* Serves fd, for which another ring has taken a slot from this server's room.
 * Takes ownership of fd. Does not suspend. */
void server_adopt(struct server *server, int fd);

/* Sends waiting clients to other rings. Call it when another ring has a free
 * slot again. Does not suspend. */
void server_on_room(struct server *server);

/* Returns true once the server is stopping. serve should then finish its
 * request and return. */
static inline bool conn_should_end(const struct conn *conn)
{
    return conn->server->is_stopping;
}

#endif
