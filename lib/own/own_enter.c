/* own_enter.c: submits SQEs, and waits for CQEs; see own.h.
 * Introduced in phase 7. Needs: own.h.
 *
 * What it teaches: four indices in shared memory, each with one writer.
 *
 *                SQ                            CQ
 *     head       the kernel writes it          we write it
 *     tail       we write it                   the kernel writes it
 *
 * The writer of a tail fills the entry first, and then stores the tail with
 * release. The reader loads the tail with acquire, and then reads the entry.
 * After it has read the entry, the reader stores the head with release.
 * liburing's inline functions use three of the four indices. This file stores
 * the fourth, the SQ tail.
 *
 * Without SQPOLL, the kernel reads the SQ inside our own system call, on our
 * CPU, so the order of our stores to the SQ does not matter. In the CQ the
 * order always matters, because any CPU may post a completion. */
#include <errno.h>

#include "own.h"

/* Publishes the SQEs that the caller has filled. Returns the number of SQEs
 * that the kernel has not taken, including older ones.
 *
 * The release makes the SQEs visible before the tail, for a polling thread on
 * another CPU. The head is loaded before the store, because that thread may
 * take the SQEs right after the store. With a head that is loaded later, the
 * result would not include these SQEs. The load does not need an acquire,
 * because we do not reuse an SQE here. io_uring_get_sqe returns SQEs for reuse,
 * so it loads the head with acquire. */
static unsigned publish(struct io_uring *ring)
{
    struct io_uring_sq *sq = &ring->sq;
    unsigned head = IO_URING_READ_ONCE(*sq->khead);

    if (sq->sqe_head != sq->sqe_tail) {
        sq->sqe_head = sq->sqe_tail;
        io_uring_smp_store_release(sq->ktail, sq->sqe_tail);
    }
    return sq->sqe_tail - head;
}

/* Returns true if the kernel must be entered to take count SQEs. A polling
 * thread (SQPOLL) takes them by itself. If it sleeps, an enter must wake it.
 *
 * We store the tail and then load NEED_WAKEUP. The thread stores NEED_WAKEUP
 * and then loads the tail. Only a full barrier on both sides keeps each load
 * after the store. Otherwise both sides could read the old value, and the
 * thread would sleep although there is an SQE. */
static bool must_submit(struct io_uring *ring, unsigned count, unsigned *flags)
{
    if (count == 0)
        return false;
    if (!(ring->flags & IORING_SETUP_SQPOLL))
        return true;
    io_uring_smp_mb();
    if (!(IO_URING_READ_ONCE(*ring->sq.kflags) & IORING_SQ_NEED_WAKEUP))
        return false;
    *flags |= IORING_ENTER_SQ_WAKEUP;
    return true;
}

/* Returns true if there may be completions that the kernel posts only during an
 * enter: deferred completions, completions that overflowed, and (with IOPOLL)
 * completions of a device that the enter itself polls. */
static bool must_flush(const struct io_uring *ring)
{
    const unsigned polled = IORING_SETUP_IOPOLL | IORING_SETUP_SQPOLL;
    const unsigned waiting = IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN;

    return (ring->flags & polled) == IORING_SETUP_IOPOLL ||
           (IO_URING_READ_ONCE(*ring->sq.kflags) & waiting) != 0;
}

static int submit(struct io_uring *ring, unsigned wait_count, bool must_get)
{
    unsigned count = publish(ring), flags = 0;

    if (must_get || wait_count > 0 || must_flush(ring))
        flags = IORING_ENTER_GETEVENTS;
    if (!must_submit(ring, count, &flags) && flags == 0)
        return (int)count;
    return sys_ring_enter(ring, flags, count, wait_count, NULL);
}

int io_uring_submit(struct io_uring *ring)
{
    return submit(ring, 0, false);
}

int io_uring_submit_and_wait(struct io_uring *ring, unsigned wait_nr)
{
    return submit(ring, wait_nr, false);
}

int io_uring_submit_and_get_events(struct io_uring *ring)
{
    return submit(ring, 0, true);
}

int io_uring_get_events(struct io_uring *ring)
{
    return sys_ring_enter(ring, IORING_ENTER_GETEVENTS, 0, 0, NULL);
}

/* Sets *cqe to the oldest CQE. Submits count SQEs, and waits for wait_count
 * CQEs. If there is no CQE after that, enters the kernel again, unless
 * wait_count is 0 or there is a timeout: after an enter with a timeout, the
 * kernel has already waited that long.
 *
 * Returns >= 0     the number of SQEs that were submitted
 *         -EAGAIN  there is no CQE, and wait_count is 0
 *         -ETIME   the timeout has passed
 *         -errno   from io_uring_enter(2); no SQE was submitted */
static int wait_for(struct io_uring *ring, struct io_uring_cqe **cqe,
                    unsigned count, unsigned wait_count,
                    const struct io_uring_getevents_arg *arg)
{
    int rc, total = 0;

    for (bool has_entered = false;; has_entered = true) {
        unsigned ready, flags = 0;

        rc = __io_uring_peek_cqe(ring, cqe, &ready);
        if (rc < 0)
            return rc;
        if (has_entered && (arg->ts != 0 || wait_count == 0 || *cqe != NULL))
            break;
        if (ready < wait_count ||
            (ready == 0 && count == 0 && must_flush(ring)))
            flags = IORING_ENTER_GETEVENTS;
        if (!must_submit(ring, count, &flags) && flags == 0) {
            total += (int)count; /* the polling thread takes them */
            break;
        }
        rc = sys_ring_enter(ring, flags, count, wait_count, arg);
        if (rc < 0)
            return total > 0 ? total : rc;
        count -= (unsigned)rc;
        total += rc;
    }
    if (*cqe == NULL && total == 0)
        return wait_count > 0 ? -ETIME : -EAGAIN;
    return total;
}

/* liburing's inline io_uring_peek_cqe and io_uring_wait_cqe call this. */
int __io_uring_get_cqe(struct io_uring *ring, struct io_uring_cqe **cqe_ptr,
                       unsigned submit, unsigned wait_nr, sigset_t *sigmask)
{
    const struct io_uring_getevents_arg arg = {
        .sigmask = (uintptr_t)sigmask,
        .sigmask_sz = _NSIG / 8,
    };

    return wait_for(ring, cqe_ptr, submit, wait_nr, &arg);
}

int io_uring_submit_and_wait_timeout(struct io_uring *ring,
                                     struct io_uring_cqe **cqe_ptr,
                                     unsigned wait_nr,
                                     struct __kernel_timespec *ts,
                                     sigset_t *sigmask)
{
    const struct io_uring_getevents_arg arg = {
        .sigmask = (uintptr_t)sigmask,
        .sigmask_sz = _NSIG / 8,
        .ts = (uintptr_t)ts,
    };

    return wait_for(ring, cqe_ptr, publish(ring), wait_nr, &arg);
}
