/* acceptor.h: a multishot accept as a queue of connections.
 * Introduced in phase 8. Needs: loop.h, timer.h.
 *
 *     listener --multishot accept--> [ arrived ] --acceptor_take--> fd
 *
 * One SQE accepts until it is told to stop. Before its first CQE has been seen
 * it may have emptied the whole backlog, so what arrived is queued, and whoever
 * takes it decides when enough is enough: acceptor_pause leaves the rest in the
 * kernel's backlog, where it costs nothing here.
 *
 * Out of fds or memory the accept ends. Armed again at once it would fail at
 * once, two million times a second; it is armed again after 100 ms, or when the
 * owner says that an fd has come free.
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
    bool is_pausing;  /* the kernel was asked to stop */
    bool is_closed;   /* takes no more: what still arrives is closed */
    int error;        /* why it can never accept again, or 0 */
    struct timer retry;
    /* Called when something has changed: fds arrived, or the operation ended.
     * Must not suspend. */
    void (*notify)(struct acceptor *acceptor);
    uint64_t pauses;  /* times that it was paused or ran out of fds */
    uint64_t emfile;  /* accepts that found no fd */
    uint64_t dropped; /* connections closed unserved */
};

/* Makes an acceptor for listener, with room for capacity fds at arrived, which
 * should be the listener's backlog plus one. Submits nothing. */
void acceptor_init(struct acceptor *acceptor, int listener, int *arrived,
                   unsigned capacity);

/* Starts accepting, unless it is already accepting, closed, failed, or waiting
 * to retry. fd_came_free ends a wait for a free fd. */
void acceptor_resume(struct acceptor *acceptor, bool fd_came_free);

/* Stops accepting for now. Connections that arrive until the kernel stops are
 * queued. */
void acceptor_pause(struct acceptor *acceptor);

/* Stops for good, and closes what arrived and was not taken. The operation may
 * be in flight still: wait for a notify until acceptor_is_over. Closing cannot
 * block: nothing was done yet with what is closed. */
void acceptor_close(struct acceptor *acceptor);

/* Takes the connection that has waited longest. Its fd is the caller's.
 * Returns the fd, or -EAGAIN. */
int acceptor_take(struct acceptor *acceptor);

static inline bool acceptor_is_over(const struct acceptor *acceptor)
{
    return acceptor->is_closed && !op_is_in_flight(&acceptor->op);
}

#endif
