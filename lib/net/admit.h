/* admit.h: finds a place for each client of a server.
 * Introduced in phase 8. Needs: server.h.
 *
 * A part of server.c: only server.c calls it. */
#ifndef ONE_RING_ADMIT_H
#define ONE_RING_ADMIT_H

#include "server.h"

/* Serves the clients that have arrived, as far as there are places. Then
 * resumes accepting if there is another place, and pauses it otherwise. If
 * fd_came_free is true, accepting does not wait for a retry. Does not
 * suspend. */
void admit_clients(struct server *server, bool fd_came_free);

/* Ends the input: the connection's stream returns what has arrived, then 0.
 * Does not suspend. */
void admit_end_input(struct conn *conn);

/* Called when the task of a connection has ended. */
void admit_on_conn_end(struct task *task);

/* While the server drains: closes the listener as soon as the backlog is empty,
 * without waiting for the connections. The kernel then refuses new clients,
 * which can try another server. Completes all_ended once no connection is left,
 * and other rings have sent all those for which they took a slot. Does not
 * suspend. */
void admit_note_end(struct server *server);

#endif
