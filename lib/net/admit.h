/* admit.h: finds a slot (a free struct conn) for each client of a server.
 * Introduced in phase 8. Needs: server.h.
 *
 * Only admit.c, server.c and dormant.c call these functions. */
#ifndef ONE_RING_ADMIT_H
#define ONE_RING_ADMIT_H

#include "server.h"

/* Starts serving the clients that have arrived. If this ring has no slot for a
 * client, sends the fd to another ring or ends an idle connection. Then resumes
 * the acceptor if there is a slot for one more client, and otherwise pauses it.
 * If fd_came_free is true, resumes even an acceptor that waits to retry. Does
 * not suspend. */
void admit_clients(struct server *server, bool fd_came_free);

/* Ends the connection's input. Its stream returns the data that has arrived,
 * then 0. Does not suspend. */
void admit_end_input(struct conn *conn);

/* Starts a task that runs options.serve with a free state (states.h). If the
 * server is cancelling its connections, the task starts cancelled. Returns 0,
 * or an error of task_spawn. After an error, the connection is unchanged. */
int admit_run(struct conn *conn);

/* Returns a struct conn that is not in use. The caller must have taken a slot
 * for it. Implemented in server.c. Does not suspend. */
struct conn *server_take_conn(struct server *server);

/* Returns true if the address of fd's peer may have another connection. The
 * acceptor calls this before it looks for a slot. If no slot is free, the
 * server ends an idle connection, and a client that exceeds its quota must not
 * cause that. Does not suspend. */
bool admit_by_quota(struct acceptor *acceptor, int fd);

/* Called by the timer server->grace, when evict_find can return the first
 * connection of server->heads. */
void admit_on_grace(struct timer *timer);

/* Called when the task of a connection has ended. */
void admit_on_conn_end(struct task *task);

/* Does nothing if the server is not draining. Closes the listener if the
 * backlog is empty, even if connections are still alive, so that new clients
 * are refused and can try another server. Completes all_ended if the listener
 * is closed, no accepted client is queued, and all slots are free. A slot that
 * another ring has taken (room.h) is not free until the client of that ring
 * has arrived here and its connection has ended. Does not suspend. */
void admit_note_end(struct server *server);

#endif
