/* skip.h: sends that post no CQE if they succeed.
 * Introduced in phase 8. Needs: queue.h, ring.h.
 *
 *      DONTWAIT | WAITALL | CQE_SKIP_SUCCESS
 *          all bytes          no CQE
 *          a part of them     CQE: n      --+
 *          none               CQE: -EAGAIN -+--> send the rest, with a CQE
 *
 * Three rules
 *  - Without MSG_WAITALL, a short send is a success. It would post no CQE, and
 *    the rest of the bytes would be lost.
 *  - Without MSG_DONTWAIT, a send to a full socket waits in the kernel. Nothing
 *    would show when it ends, or when its buffer is free.
 *  - A send is complete if the kernel has taken its SQE, and no CQE has come.
 *    The head of the SQ shows the first, an empty CQ the second. */
#ifndef PHASE8_SKIP_H
#define PHASE8_SKIP_H

#include <stdbool.h>

#include "queue.h"
#include "ring.h"

/* A send that is on its way. It is part of a connection. */
struct skip {
    struct queue_node node;
    int result;      /* the length, unless a CQE has come */
    unsigned sq_end; /* the tail of the SQ after the SQE */
    bool is_in_flight;
};

/* Makes sqe, which sends len bytes, post no CQE if it sends all of them
 * immediately. sqe must be the newest one of ring. The caller must not move or
 * free skip until skip_end has called on_sent. */
void skip_prepare(struct ring *ring, struct skip *skip,
                  struct io_uring_sqe *sqe, unsigned len);

/* Makes the next enter return without waiting. Call it if something depends on
 * the end of a send, because no CQE shows that end. */
void skip_hurry(void);

/* Returns how many CQEs the next enter may wait for: 0 or 1. */
unsigned skip_wait_count(const struct ring *ring);

/* Stores the result of a CQE for skip_end. Returns false if skip is not in
 * flight: the CQE belongs to another send. */
bool skip_store(struct skip *skip, int result);

/* Calls on_sent for each send that has ended. Call it when the CQ is empty, and
 * skip_store has the results of all CQEs. */
void skip_end(const struct ring *ring,
              void (*on_sent)(struct skip *skip, int result));

#endif
