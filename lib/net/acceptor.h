/* acceptor.h: a queue of connections, filled by a multishot accept.
 * Introduced in phase 8. Needs: loop.h, timer.h.
 *
 *     listener --multishot accept--> [ arrived ] --acceptor_take--> fd
 *
 * One SQE accepts connections until it is cancelled. The kernel may accept the
 * whole backlog before the loop sees the first CQE, so the acceptor queues the
 * fds. When the owner of the acceptor cannot serve another connection, it calls
 * acceptor_pause. Further connections then stay in the kernel's backlog and use
 * no memory of this process.
 *
 * If the process has no fd or no memory left, the accept ends. If the acceptor
 * armed the accept again immediately, the accept would fail about two million
 * times per second. So the acceptor first waits for 100 ms, or until its owner
 * reports that an fd is free.
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
    int *arrived;     /* borrowed: a circular queue of capacity fds */
    unsigned first, count, capacity;
    bool is_pausing;  /* the accept was cancelled and has not ended */
    bool is_closed;   /* the acceptor closes fds that still arrive */
    int error;        /* the -errno that ended accepting permanently, or 0 */
    struct timer retry;
    /* Called when fds have arrived or the operation has ended. Must not
     * suspend. */
    void (*notify)(struct acceptor *acceptor);
    /* Returns false if the acceptor must close fd and not queue it. Must not
     * suspend. NULL: the acceptor queues every fd. */
    bool (*admits)(struct acceptor *acceptor, int fd);
    uint64_t refused; /* fds for which admits returned false */
    uint64_t pauses;  /* times that accepting was paused or delayed */
    uint64_t emfile;  /* times that no fd was free */
    uint64_t dropped; /* connections closed without being served */
};

/* Initializes an acceptor for listener. arrived is an array of capacity ints;
 * capacity should be the listener's backlog plus one. Borrows both. Submits
 * nothing. The caller must set notify. */
void acceptor_init(struct acceptor *acceptor, int listener, int *arrived,
                   unsigned capacity);

/* Starts accepting. Does nothing if the acceptor is already accepting, is
 * closed, has failed, or waits to retry. If fd_came_free is true, first ends a
 * wait to retry. Does not suspend. */
void acceptor_resume(struct acceptor *acceptor, bool fd_came_free);

/* Stops accepting until acceptor_resume. The kernel may accept a few more
 * connections, which the acceptor queues. Does not suspend. */
void acceptor_pause(struct acceptor *acceptor);

/* Stops accepting permanently, and closes the queued fds. Closing them cannot
 * block, because no operation has used them. The accept may still be in flight
 * afterwards. When it ends, the acceptor calls notify, and acceptor_is_over
 * returns true. Does not suspend. */
void acceptor_close(struct acceptor *acceptor);

/* Takes the oldest connection from the queue. The caller owns its fd.
 *
 * Returns  >= 0     the fd
 *          -EAGAIN  the queue is empty */
int acceptor_take(struct acceptor *acceptor);

/* Returns true after acceptor_close, once the operation has ended. */
static inline bool acceptor_is_over(const struct acceptor *acceptor)
{
    return acceptor->is_closed && !op_is_in_flight(&acceptor->op);
}

#endif
