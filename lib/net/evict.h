/* evict.h: chooses the connection to end for a client that waits for a slot.
 * Introduced in phase 10. Needs: server.h.
 *
 * server->idle has the connections that are between two requests. server->heads
 * has the connections that wait for their peer: for the rest of a head or of a
 * body, or for the peer's close. In both lists the longest wait is first. No
 * function here suspends. */
#ifndef ONE_RING_EVICT_H
#define ONE_RING_EVICT_H

#include "server.h"

/* Returns the connection that has been idle longest. If none is idle, returns
 * the one that has waited longest for its peer, if it has waited for at least
 * LIMIT_HEAD_GRACE_MS. Otherwise returns NULL. */
struct conn *evict_find(struct server *server);

/* Arms a timer if no slot is free and evict_find returns NULL now. The timer
 * fires when evict_find will return the first connection of server->heads.
 * Until then, new clients wait in the backlog. */
void evict_arm_grace(struct server *server);

/* Adds a connection to server->heads. Does nothing if the connection is in that
 * list already, or if is_leaving is set. */
void evict_note_head(struct conn *conn);

#endif
