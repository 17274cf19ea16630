/* admit.h: finds a place for each client of a server.
 * Introduced in phase 8. Needs: server.h.
 *
 * A part of server.c: only server.c calls it. */
#ifndef ONE_RING_ADMIT_H
#define ONE_RING_ADMIT_H

#include "server.h"

/* Starts serving the clients that have arrived. If this ring has no slot for a
 * client, passes it to another ring, or ends an idle connection. Then resumes
 * accepting if there is a place for one more client; otherwise pauses it. If
 * fd_came_free is true, resumes even if the acceptor waits to retry. Does not
 * suspend. */
void admit_clients(struct server *server, bool fd_came_free);

/* Ends the connection's input. Its stream returns the data that has arrived,
 * then 0. Does not suspend. */
void admit_end_input(struct conn *conn);

/* Called when the task of a connection has ended. */
void admit_on_conn_end(struct task *task);

/* Does nothing unless the server is draining. Closes the listener if the
 * backlog is empty, even if connections are still alive. The kernel then
 * refuses new clients, which can try another server. Completes all_ended if no
 * connection is alive and none is on its way from a ring that took a slot here.
 * Does not suspend. */
void admit_note_end(struct server *server);

#endif
