/* sim_enter.c: submits SQEs, and waits for CQEs; see sim_ring.h.
 *
 * What it teaches: an enter promises little. It takes SQEs in order, and
 * perhaps not all of them. It posts completions that are ready, and perhaps not
 * all of them. If it waits, it may end early. So a program must read the rings
 * to find out what happened, and not rely on the result. */
#include "sim_ring.h"

#include <errno.h>
#include <string.h>

#include "sim_buffers.h"
#include "sim_check.h"
#include "sim_knobs.h"
#include "sim_op.h"
#include "sim_ops.h"
#include "sim_pick.h"
#include "sim_world.h"

/* Posts completions that are ready, and clears IORING_SQ_TASKRUN before, as
 * Linux does. Work that adds work sets the flag again. It is done at once, but
 * the flag stays. Another processor that sets the flag late has the same
 * effect. Without work, a deferred ring keeps its flag. */
static void post_completions(struct sim_ring *ring)
{
    bool has_flag = (ring->flags & IORING_SETUP_TASKRUN_FLAG) != 0;

    ring_flush_overflow(ring);
    if (ring_is_deferred(ring) && ops_oldest_fired(ring) == NULL)
        return;
    ring->shared->sq_flags &= ~IORING_SQ_TASKRUN;
    if (op_work(ring) || (has_flag && knob(KNOB_LAZY_WORK)))
        ring->shared->sq_flags |= IORING_SQ_TASKRUN;
}

/* Takes SQEs, and issues each chain when its last SQE was taken. Overwrites the
 * SQEs: the program must not rely on their contents. */
static int take_sqes(struct sim_ring *ring)
{
    const unsigned links = IOSQE_IO_LINK | IOSQE_IO_HARDLINK;
    struct ring_shared *shared = ring->shared;
    struct sim_op *first = NULL, *last = NULL;
    int count = 0;

    while (shared->sq_head != shared->sq_tail) {
        struct io_uring_sqe *sqe =
            &ring->uring->sq.sqes[shared->sq_head & shared->sq_mask];
        struct sim_op *op = op_take(ring, sqe);
        bool is_linked = (sqe->flags & links) != 0;

        memset(sqe, 0xdb, sizeof *sqe);
        shared->sq_head++;
        count++;
        if (first == NULL)
            first = op;
        else
            last->next = op;
        last = op;
        if (is_linked && shared->sq_head != shared->sq_tail)
            continue;
        op_issue(first);
        first = NULL;
        if (knob(KNOB_SHORT_SUBMIT))
            break;
    }
    check_that(ops_count(ring, true) <= shared->cq_entries,
               "operations-within-limit", "operations in flight:",
               ops_count(ring, true));
    return count;
}

/* Waits until the CQ holds wait_count CQEs. */
static int wait_for(struct sim_ring *ring, unsigned wait_count,
                    uint64_t until_ns)
{
    unsigned timeouts = ring->timeouts;

    /* The kernel checks these conditions between two events, in this order. */
    while (ring_ready_count(ring) < wait_count) {
        if (world_now_ns() >= until_ns)
            return -ETIME;
        if (knob(KNOB_EINTR))
            return -EINTR;
        if (ring->timeouts != timeouts) /* an expired TIMEOUT ends a wait */
            return 0;
        world_step(until_ns);
        post_completions(ring);
    }
    return 0;
}

/* Simulates io_uring_enter(2). Without must_get and wait_count, it only
 * submits. */
static int enter(struct io_uring *uring, unsigned wait_count, bool must_get,
                 uint64_t until_ns)
{
    struct sim_ring *ring = ring_of(uring->ring_fd);
    int taken, waited = 0;

    check_step();
    buffers_look();
    if (ring->shared->sq_head != ring->shared->sq_tail && knob(KNOB_EAGAIN))
        return -EAGAIN;
    taken = take_sqes(ring);
    /* The world does not stop during a system call. */
    for (unsigned i = pick(3); i > 0; i--)
        world_step(world_now_ns());
    if (must_get || wait_count > 0 || !ring_is_deferred(ring))
        post_completions(ring);
    /* The kernel does not wait if it has not taken all SQEs. */
    if (wait_count > 0 && ring->shared->sq_head == ring->shared->sq_tail)
        waited = wait_for(ring, wait_count, until_ns);
    return taken > 0 ? taken : waited;
}

/* Publishes the SQEs that the program has filled, and enters. */
static int submit(struct io_uring *uring, unsigned wait_count, bool must_get,
                  uint64_t until_ns)
{
    uring->sq.sqe_head = uring->sq.sqe_tail;
    *uring->sq.ktail = uring->sq.sqe_tail;
    return enter(uring, wait_count, must_get, until_ns);
}

int io_uring_submit(struct io_uring *uring)
{
    return submit(uring, 0, false, WORLD_NEVER);
}

int io_uring_submit_and_get_events(struct io_uring *uring)
{
    return submit(uring, 0, true, WORLD_NEVER);
}

int io_uring_submit_and_wait(struct io_uring *uring, unsigned wait_nr)
{
    return submit(uring, wait_nr, true, WORLD_NEVER);
}

/* liburing's inline io_uring_peek_cqe and io_uring_wait_cqe call this, if they
 * find no CQE. It enters if it must wait, or if there are hidden CQEs. */
int __io_uring_get_cqe(struct io_uring *uring, struct io_uring_cqe **cqe,
                       unsigned count, unsigned wait_nr, sigset_t *sigmask)
{
    const unsigned hidden = IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN;
    struct sim_ring *ring = ring_of(uring->ring_fd);
    int rc = 0;

    (void)count, (void)sigmask; /* count SQEs are published, or none */
    if (ring_ready_count(ring) <= wait_nr &&
        (wait_nr > 0 || (ring->shared->sq_flags & hidden) != 0))
        rc = enter(uring, wait_nr, true, WORLD_NEVER);
    *cqe = NULL;
    if (ring_ready_count(ring) > 0)
        *cqe = &ring->cqes[ring->shared->cq_head & ring->shared->cq_mask];
    else if (rc >= 0)
        rc = -EAGAIN;
    return *cqe != NULL ? 0 : rc;
}

int io_uring_submit_and_wait_timeout(struct io_uring *uring,
                                     struct io_uring_cqe **cqe,
                                     unsigned wait_nr,
                                     struct __kernel_timespec *ts,
                                     sigset_t *sigmask)
{
    uint64_t delay_ns = (uint64_t)ts->tv_sec * UINT64_C(1000000000) +
                        (uint64_t)ts->tv_nsec;

    (void)sigmask;
    *cqe = NULL; /* as liburing 2.3 may leave it */
    if (delay_ns > WORLD_NEVER - world_now_ns()) /* centuries */
        delay_ns = WORLD_NEVER - world_now_ns();
    return submit(uring, wait_nr, true, world_now_ns() + delay_ns);
}
