/* skip.c: sends that post no CQE if they succeed; see skip.h.
 * Introduced in phase 8. Needs: skip.h. */
#include "skip.h"

/* The sends of this thread, oldest first. */
static _Thread_local struct queue batch;
static _Thread_local bool is_urgent;

void skip_prepare(struct ring *ring, struct skip *skip,
                  struct io_uring_sqe *sqe, unsigned len)
{
    sqe->msg_flags |= MSG_DONTWAIT | MSG_WAITALL;
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    skip->result = (int)len;
    skip->sq_end = ring->uring.sq.sqe_tail;
    skip->is_in_flight = true;
    queue_push(&batch, &skip->node);
}

void skip_hurry(void)
{
    is_urgent = true;
}

/* If the kernel has refused an SQE, the next enter submits it again, and its
 * end would be as invisible. */
unsigned skip_wait_count(const struct ring *ring)
{
    bool waits = queue_is_empty(&batch) ||
                 (!is_urgent && ring->refusals_in_row == 0);

    is_urgent = false;
    return waits;
}

bool skip_store(struct skip *skip, int result)
{
    if (skip->is_in_flight)
        skip->result = result;
    return skip->is_in_flight;
}

/* The head is read before the first call of on_sent: that may start sends, and
 * a full SQ may submit some of them. Their CQEs have not been seen yet. */
void skip_end(const struct ring *ring,
              void (*on_sent)(struct skip *skip, int result))
{
    unsigned head = *ring->uring.sq.khead;

    while (!queue_is_empty(&batch)) {
        struct skip *skip = container_of(batch.first, struct skip, node);

        if ((int)(head - skip->sq_end) < 0)
            return;
        (void)queue_pop(&batch);
        skip->is_in_flight = false;
        on_sent(skip, skip->result);
    }
}
