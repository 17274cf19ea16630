/* ring.h: one ring, one owner thread.
 * Introduced in phase 2. Needs: nothing.
 *
 *      ring_sqe()          ring_enter()             ring_next()
 *   [ fill an SQE ] --> [ submit, and wait ] --> [ take a CQE ]
 *        SQ ring             the kernel               CQ ring
 *
 * This layer has SQEs and CQEs, and neither tasks nor futures. ring.c is the
 * only file that calls liburing's out-of-line functions; all others use the
 * inline io_uring_prep_* on an SQE from ring_sqe. So the linker can replace
 * ring.c by another back end.
 *
 * Rules
 *  - Use a ring only in the thread that made it: asserted.
 *  - Do not use a ring in a child that fork(2) made: an assertion ends the
 *    child. A child may make its own rings, and ring_finish releases its copy
 *    of this one.
 *  - Give each SQE a handle; HANDLE_NONE means that no operation waits.
 *  - Do not keep an SQE across the next ring_sqe or ring_enter.
 *  - From submit until its CQE the kernel owns the buffer, the iovec and the
 *    address of an operation. Path, iovec and address must stay valid until the
 *    CQE too, though many kernels have copied them at submit. */
#ifndef ONE_RING_RING_H
#define ONE_RING_RING_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

/* The user_data of an SQE whose completion is ignored. */
#define HANDLE_NONE UINT64_C(0)

/* ring_enter: wait without a limit. */
#define RING_FOREVER UINT64_MAX

/* Counts of submissions and completions since ring_init. */
struct ring_counters {
    uint64_t enters;    /* system calls that submit, wait or both */
    uint64_t sqes;      /* operations handed out */
    uint64_t cqes;      /* completions taken */
    uint64_t overflows; /* times the CQ was found to have overflowed */
    uint64_t refusals;  /* enters refused with EAGAIN or EBUSY, retried */
};

struct ring_options {
    unsigned sq_entries; /* 0: 256. At most 32768; rounded up to 2^n */
    unsigned cq_entries; /* 0: four times the SQ. At most 65536 */
    bool plain;          /* no DEFER_TASKRUN: completions appear by themselves,
                            for a host loop that only polls an eventfd */
};

struct ring {
    struct io_uring uring;
    const void **owner;  /* owned: a page that holds the address of the owner
                            thread's mark, and NULL in a forked child */
    unsigned flags;      /* IORING_SETUP_* that the kernel accepted */
    unsigned cq_entries; /* as the kernel rounded it */
    unsigned refusals_in_row; /* enters that the kernel refused since the last
                                 that it accepted */
    struct ring_counters counters;
};

/* Makes a ring; the caller owns it until ring_finish. Tries SINGLE_ISSUER |
 * DEFER_TASKRUN | SUBMIT_ALL first, then the rest of a fallback list if the
 * kernel does not know a flag (-EINVAL). Sets ring->flags to the accepted ones.
 *
 * Returns 0            the ring is ready
 *         -EPERM       io_uring is forbidden (phase 0 finds the cause)
 *         -ENOSYS      io_uring is missing or forbidden
 *         -ENOMEM      RLIMIT_MEMLOCK is too small, also for a quarter
 *         -EMFILE      the process has no free descriptor
 *         -EOPNOTSUPP  before Linux 5.11: no wait with a timeout in one call
 *         -errno       as io_uring_setup(2); in every failure nothing is
 *         left */
int ring_init(struct ring *ring, const struct ring_options *options);

/* Releases the ring. Reap every operation first: the kernel ends the operations
 * in flight after this returns, and may write to their buffers until then.
 * Accepts a zeroed ring. */
void ring_finish(struct ring *ring);

/* Returns a cleared SQE that carries handle, never NULL. Submits a full SQ
 * first, and blocks the thread while the kernel accepts no more. */
struct io_uring_sqe *ring_sqe(struct ring *ring, uint64_t handle);

/* Makes room so that the next count SQEs go out in one submit, as a chain of
 * links must. count is at most the number of SQ entries. */
void ring_reserve(struct ring *ring, unsigned count);

/* Submits every SQE, lets the kernel post completions, and waits until
 * wait_count CQEs are there or timeout_ns have passed. Makes at least one
 * system call. The result does not show if CQEs arrived: call ring_next.
 *
 * Returns 0       also after a signal, a timeout, or -EAGAIN or -EBUSY: then
 *                 the SQEs stay queued, and the next enter submits them
 *         -EAGAIN, -EBUSY  the kernel had no memory for about a second
 *         -EBADR  the kernel had no memory for a completion
 *         -errno  the ring is unusable, as io_uring_enter(2) */
int ring_enter(struct ring *ring, unsigned wait_count, uint64_t timeout_ns);

/* Returns true if the kernel has work that only ring_enter starts: SQEs to
 * take, completions held back (DEFER_TASKRUN), or an overflowed CQ. */
bool ring_needs_enter(const struct ring *ring);

/* Takes up to count_max CQEs, in the order of their arrival: copies them to
 * out, and then releases their ring entries. Returns the number of CQEs. */
unsigned ring_take(struct ring *ring, struct io_uring_cqe *out,
                   unsigned count_max);

/* Takes one CQE. Returns false if there is none. */
static inline bool ring_next(struct ring *ring, struct io_uring_cqe *out)
{
    return ring_take(ring, out, 1) == 1;
}

/* Returns true if ring_next would find a CQE. */
bool ring_has_next(const struct ring *ring);

/* Registers a buffer ring or an eventfd, or removes it. The caller still owns
 * the memory and the fd; the kernel uses them until they are unregistered.
 * Returns >= 0, or -errno as io_uring_register(2). */
int ring_register_buf_ring(struct ring *ring, void *memory, unsigned entries,
                           int group);
int ring_unregister_buf_ring(struct ring *ring, int group);
int ring_register_eventfd(struct ring *ring, int fd);
int ring_unregister_eventfd(struct ring *ring);

/* Turns the signals of the registered eventfd at completions on or off; they
 * are on at first. After turning them on, look for completions once more. */
void ring_signal_eventfd(struct ring *ring, bool is_on);

#endif
