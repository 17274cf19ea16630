/* pace.h: ends connections whose peer takes the data too slowly.
 * Introduced in phase 10. Needs: nothing.
 *
 * send_ms ends a connection whose peer takes nothing. A peer that takes a few
 * bytes now and then could hold a connection, with its task and its file, for
 * days. So the server looks at the connections that have a task, twelve times
 * per limits->rate_ms:
 *
 *     queue    >0   >0   >0   >0   >0   >0   >0   >0   >0   >0   >0   >0   >0
 *     acked    a ------------------------------------------------------> b
 *
 * It ends a connection if each time the kernel had data for the peer, and the
 * peer has acknowledged less than limits->rate_min bytes per second in between.
 * One look at which the queue is empty starts the count again. So a peer that
 * takes all it gets is safe, however little that is. */
#ifndef ONE_RING_PACE_H
#define ONE_RING_PACE_H

#include <stdint.h>

struct server;
struct timer;

/* The pace of one connection. A zeroed pace is that of a new one. */
struct pace {
    uint64_t acked;  /* bytes that the peer had acknowledged at the first of */
    unsigned behind; /* so many looks in a row at which data was queued */
};

/* Starts looking, unless the server looks already or has no minimum rate. Call
 * it when a connection's task starts. Does not suspend. */
void pace_start(struct server *server);

/* Stops looking. Does not suspend. */
void pace_stop(struct server *server);

/* The server's timer calls this. */
void pace_on_timer(struct timer *timer);

#endif
