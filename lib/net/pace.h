/* pace.h: ends connections whose peer takes the data too slowly.
 * Introduced in phase 10. Needs: nothing.
 *
 * The limit send_ms ends a connection whose peer takes no data. A peer that
 * takes a few bytes now and then could hold a connection, with its task and its
 * file, for days. So the server checks the connections that have a task, twelve
 * times per limits->rate_ms:
 *
 *     queue    >0   >0   >0   >0   >0   >0   >0   >0   >0   >0   >0   >0   >0
 *     acked    a ------------------------------------------------------> b
 *
 * It ends a connection if 13 checks in a row found data in the kernel's send
 * queue, and the peer acknowledged less than limits->rate_min bytes per second
 * from the first to the last of them (a to b). A check that finds the queue
 * empty resets the count. So a peer that keeps up with the server is never too
 * slow, even if the server sends little data. */
#ifndef ONE_RING_PACE_H
#define ONE_RING_PACE_H

#include <stdint.h>

struct server;
struct timer;

/* The pace of one connection. A zeroed pace is that of a new connection. */
struct pace {
    uint64_t acked;  /* bytes acknowledged when behind became 1 */
    unsigned behind; /* consecutive checks that found data queued */
};

/* Starts the checks. Does nothing if they run already, or if rate_min is 0.
 * Call it when a connection's task starts. Does not suspend. */
void pace_start(struct server *server);

/* Stops the checks. Does not suspend. */
void pace_stop(struct server *server);

/* Checks all connections. The timer server->pace calls this. Does not
 * suspend. */
void pace_on_timer(struct timer *timer);

#endif
