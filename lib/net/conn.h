/* conn.h: one connection of a server.
 * Introduced in phase 8. Needs: idle.h, pace.h, peer.h, stream.h, task.h,
 * timer.h.
 *
 * server.h has the rules for its use. "serve" is the function options.serve of
 * the server. */
#ifndef ONE_RING_CONN_H
#define ONE_RING_CONN_H

#include <stdbool.h>

#include "idle.h"
#include "pace.h"
#include "peer.h"
#include "stream.h"
#include "task.h"
#include "timer.h"

struct server;

struct conn {
    struct task task;
    struct queue_node node; /* in server->free while not in use */
    struct server *server;  /* borrowed */
    int fd;                 /* owned; closed after serve, unless is_dormant */
    struct stream in;       /* the data that the peer sends */
    struct idle_node idle;  /* in server->idle between two requests */
    struct idle_node head;  /* in server->heads while it waits for its peer */
    uint64_t head_ns;       /* when it was added to server->heads */
    struct timer limit;     /* see dormant.h */
    struct peer peer;       /* set if options.knows_peers, or for the quota */
    struct pace pace;       /* how fast the peer takes data */
    unsigned requests;      /* 0 at the start; serve counts them */
    bool is_alive;
    bool is_dormant;        /* has no task, see dormant.h */
    bool has_begun;         /* its first request has begun */
    bool is_leaving;        /* ending, so that a new client gets its slot */
    bool aborts;            /* close with RST: the response is incomplete */
    void *state;            /* state_len bytes for serve, not cleared */
    unsigned state_index;   /* of state in server->states */
};

/* Records whether the connection is between two requests. Call it from serve.
 * If the server is stopping, ends the input of a connection that becomes idle.
 * Does not suspend. */
void conn_set_idle(struct conn *conn, bool is_idle);

/* Records that the connection waits for its peer: for the rest of a head or of
 * a body, or for the peer's close after the last answer. If no slot is free and
 * no connection is idle, the server ends such connections for new clients, the
 * longest wait first. Call conn_set_idle(conn, false) when the wait is over.
 * Does not suspend. */
void conn_wait_peer(struct conn *conn);

#endif
