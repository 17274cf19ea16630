/* acceptor.h: a multishot accept as a queue of connections.
 * Introduced in phase 8. Needs: loop.h, timer.h.
 *
 *     listener --multishot accept--> [ arrived ] --acceptor_take--> fd
 *
 * One SQE accepts connections until it is cancelled. Before the loop sees its
 * first CQE, it may have emptied the whole backlog, so the acceptor queues the
 * fds. When its owner has enough, acceptor_pause leaves the other connections
 * in the kernel's backlog, where they use no memory of this process.
 *
 * If the process has no fd or no memory left, the accept ends. If it were armed
 * again at once, it would fail two million times per second. So the acceptor
 * arms it after 100 ms, or when its owner reports that an fd is free.
 *
 * Source: io_uring_prep_multishot_accept(3), accept(2) "Error handling". */
#ifndef ONE_RING_ACCEPTOR_H
#define ONE_RING_ACCEPTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"
#include "timer.h"

struct acceptor {
    struct op op;
    int listener;     /* borrowed; must stay open while op is in flight */
    int *arrived;     /* borrowed: a ring of capacity fds */
    unsigned first, count, capacity;
    bool is_pausing;  /* the accept was cancelled and has not ended */
    bool is_closed;   /* fds that still arrive are closed */
    int error;        /* the -errno that ended accepting for good, or 0 */
    struct timer retry;
    /* Called when fds have arrived or the operation has ended. Must not
     * suspend. */
    void (*notify)(struct acceptor *acceptor);
    uint64_t pauses;  /* times that it was paused or ran out of fds */
    uint64_t emfile;  /* accepts that found no fd */
    uint64_t dropped; /* connections closed unserved */
};

/* Makes an acceptor for listener, with room for capacity fds at arrived: use
 * the listener's backlog plus one. Borrows both. Submits nothing; the caller
 * sets notify. */
void acceptor_init(struct acceptor *acceptor, int listener, int *arrived,
                   unsigned capacity);

/* Starts accepting, unless it is already accepting, closed, failed, or waiting
 * to retry. fd_came_free ends that wait. Does not suspend. */
void acceptor_resume(struct acceptor *acceptor, bool fd_came_free);

/* Stops accepting until acceptor_resume. Connections that arrive before the
 * kernel stops are queued. Does not suspend. */
void acceptor_pause(struct acceptor *acceptor);

/* Stops accepting for good, and closes the queued fds. Does not suspend: the
 * operation may still be in flight, so wait for notify until acceptor_is_over.
 * Closing these fds cannot block, since no operation has used them. */
void acceptor_close(struct acceptor *acceptor);

/* Takes the connection that has waited longest. The caller owns its fd.
 *
 * Returns  >= 0     the fd
 *          -EAGAIN  none is queued */
int acceptor_take(struct acceptor *acceptor);

/* True after acceptor_close, once the operation has ended. */
static inline bool acceptor_is_over(const struct acceptor *acceptor)
{
    return acceptor->is_closed && !op_is_in_flight(&acceptor->op);
}

#endif
