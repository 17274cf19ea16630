/* rings.c: a ring that handles signals, lack of memory and a full queue; see
 * rings.h. */
#include "rings.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>

#define ENTER_FAILURES_MAX 1000 /* in a row, 1 ms apart */

int rings_init(struct cp_ring *ring, unsigned entries, struct stats *stats)
{
    /* The cheapest mode comes first. If an older kernel rejects its flags, the
     * loop tries the next mode. */
    static const unsigned flags[] = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
        IORING_SETUP_COOP_TASKRUN,
        0,
    };
    int rc;

    ring->stats = stats;
    ring->in_flight = 0;
    for (int i = 0;; i++) {
        do {
            rc = io_uring_queue_init(entries, &ring->uring, flags[i]);
        } while (rc == -EINTR);
        if (rc != -EINVAL || flags[i] == 0)
            return rc;
    }
}

void rings_finish(struct cp_ring *ring)
{
    assert(ring->in_flight == 0);
    io_uring_queue_exit(&ring->uring);
}

struct io_uring_sqe *rings_sqe(struct cp_ring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->uring);

    assert(sqe != NULL); /* the first rule of rings.h */
    ring->in_flight++;
    ring->stats->sqes++;
    return sqe;
}

void rings_tag(struct io_uring_sqe *sqe, uint64_t tag)
{
    io_uring_sqe_set_data64(sqe, tag);
}

/* io_uring_enter can be called again after a failure: entries that the kernel
 * did not take stay in the queue. */
int rings_wait(struct cp_ring *ring, unsigned count)
{
    assert(count > 0 && count <= ring->in_flight);
    for (int failures = 0;; failures++) {
        int rc = io_uring_submit_and_wait(&ring->uring, count);

        ring->stats->enters++;
        if (rc >= 0)
            return 0;
        ring->stats->retries++;
        if (rc == -EINTR)
            return 0; /* a signal: the caller checks stop_requested */
        if ((rc != -EAGAIN && rc != -EBUSY && rc != -ENOMEM) ||
            failures == ENTER_FAILURES_MAX)
            return rc;
        /* A full CQ may be the cause: let the caller reap it first. */
        if (io_uring_cq_ready(&ring->uring) > 0)
            return 0;
        (void)poll(NULL, 0, 1); /* milliseconds */
    }
}

bool rings_next(struct cp_ring *ring, uint64_t *tag, int *result)
{
    struct io_uring_cqe *cqe;

    if (io_uring_peek_cqe(&ring->uring, &cqe) != 0)
        return false;
    *tag = io_uring_cqe_get_data64(cqe);
    *result = cqe->res;
    io_uring_cqe_seen(&ring->uring, cqe); /* the kernel may reuse it now */
    assert(ring->in_flight > 0);
    ring->in_flight--;
    return true;
}

bool rings_is_retry(struct cp_ring *ring, int result)
{
    if (result != -EINTR && result != -EAGAIN)
        return false;
    ring->stats->retries++;
    return true;
}
