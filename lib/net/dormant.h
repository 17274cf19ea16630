/* dormant.h: connections that wait for input without a task.
 * Introduced in phase 10. Needs: server.h.
 *
 *               input, end of input, or an error: a new task runs serve
 *            .--------------------------------------------------------.
 *            |                                                        v
 *      +-----------+     dormant_begin, then serve returns      +----------+
 *      |  DORMANT  | <----------------------------------------- |  SERVED  |
 *      +-----------+                                            +----------+
 *       struct conn, a receive in flight                    also a task, its
 *                                                        stack, conn->state
 *
 * A server with 10,000 connections serves a few of them at a time. A task keeps
 * its stack and its state while it waits, that is, two pages or more. So a
 * connection that waits for a request ends its task, which releases both. The
 * next connection that has a request takes them, while they are still in the
 * processor's cache. */
#ifndef ONE_RING_DORMANT_H
#define ONE_RING_DORMANT_H

#include "server.h"

/* Makes the connection of the current task idle (conn_set_idle) and dormant.
 * serve must then return without suspending, and the server keeps the
 * connection. When input, the end of the input, or an error arrives, a new task
 * calls serve, with another state. If none of them arrives within limit_ms, the
 * server ends the connection's input. Does not suspend.
 *
 * Returns true   the connection is dormant: return from serve
 *         false  the connection is not dormant, because input has arrived, the
 *                task is interrupted, or no operation can be started now */
bool dormant_begin(struct conn *conn, unsigned limit_ms);

/* The timer conn->limit calls this. server.c prepares that timer. */
void dormant_on_limit(struct timer *timer);

#endif
