/* ring.h: one ring, one owner thread.
 * Introduced in phase 2. Needs: nothing.
 *
 *      ring_sqe()          ring_enter()             ring_next()
 *   [ fill an SQE ] --> [ submit, and wait ] --> [ take a CQE ]
 *        SQ ring             the kernel               CQ ring
 *
 * This layer deals with SQEs and CQEs, but not with tasks and futures. The
 * layers above call only inline functions of liburing, such as io_uring_prep_*
 * on an SQE from ring_sqe. This layer also calls functions that need liburing
 * at link time. lib/own (phase 7) has these functions, too, so a program can
 * link lib/own instead of liburing.
 *
 * Rules
 *  - Use a ring only in the thread that made it (asserted).
 *  - In a forked child, call only ring_finish, which releases the child's copy
 *    of the ring. Any other call ends the child. The child may make new rings.
 *  - Pass ring_sqe a handle: a number that identifies the operation. It becomes
 *    the SQE's user_data, and the CQE has the same user_data. To ignore the
 *    completion, pass HANDLE_NONE.
 *  - Do not use an SQE after the next call of ring_sqe or ring_enter.
 *  - The kernel owns the buffer of an operation from the submit until the
 *    operation's terminal CQE (the one without IORING_CQE_F_MORE). Keep paths,
 *    iovecs and addresses valid until that CQE. */
#ifndef ONE_RING_RING_H
#define ONE_RING_RING_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

struct ring_rules;

/* The user_data of an SQE whose completion is ignored. */
#define HANDLE_NONE UINT64_C(0)

/* For ring_enter: wait without a timeout. */
#define RING_FOREVER UINT64_MAX

/* Counts since ring_init. */
struct ring_counters {
    uint64_t enters;    /* system calls that submit, wait or both */
    uint64_t sqes;      /* SQEs returned by ring_sqe */
    uint64_t cqes;      /* CQEs taken from the CQ */
    uint64_t overflows; /* enters that found an overflowed CQ */
    uint64_t refusals;  /* enters that returned EAGAIN or EBUSY */
};

struct ring_options {
    unsigned sq_entries; /* 0 means 256. At most 32768; rounded up to 2^n */
    unsigned cq_entries; /* 0 means four times the SQ. At most 65536 */
    bool plain;          /* no DEFER_TASKRUN, so that CQEs appear without an
                            enter. Set it if a foreign event loop polls an
                            eventfd of the ring (lib/bridge) */
    const struct ring_rules *rules; /* borrowed; see ring_register.h. NULL: the
                                       ring is not restricted */
};

struct ring {
    struct io_uring uring;
    const void **owner;  /* owned: a page that identifies the owner thread,
                            and holds NULL in a forked child */
    unsigned flags;      /* IORING_SETUP_* that the kernel accepted */
    unsigned cq_entries; /* after rounding by the kernel */
    int restricted;      /* 1: options->rules are in force; 0: there are none;
                            -errno: the kernel refused them */
    unsigned refusals_in_row; /* enters refused since the last accepted one */
    struct ring_counters counters;
};

/* If ring_hook is set, ring_enter calls it with each new SQE before the submit,
 * and ring_take calls it with each CQE. The other argument is NULL. The hook
 * must not call a function of ring.h, and must not keep its arguments. Set
 * ring_hook before the process makes its first ring, because all threads read
 * it without a lock. */
typedef void ring_hook_fn(const struct ring *ring,
                          const struct io_uring_sqe *sqe,
                          const struct io_uring_cqe *cqe);
extern ring_hook_fn *ring_hook;

/* Makes a ring, which the caller owns until ring_finish. Tries one set of flags
 * after the other (fallbacks in ring.c). The first is SINGLE_ISSUER |
 * DEFER_TASKRUN | TASKRUN_FLAG | SUBMIT_ALL. If the kernel does not know a flag
 * of a set (-EINVAL), tries the next set. With options->plain, tries only
 * SUBMIT_ALL and the empty set. Sets ring->flags to the accepted flags. If
 * options->rules is set, restricts the ring before its first use. No later call
 * can remove the restriction. If the kernel refuses the rules, the ring works
 * without them: see ring->restricted.
 *
 * Returns 0            the ring is ready
 *         -EPERM       io_uring is forbidden (envcheck finds the cause)
 *         -ENOSYS      io_uring is missing or forbidden
 *         -ENOMEM      RLIMIT_MEMLOCK is too small, even for a smaller SQ, and
 *                      even after waiting 100 ms for closed rings to be freed
 *         -EMFILE      the process has no free descriptor
 *         -EOPNOTSUPP  the kernel lacks EXT_ARG or NODROP (before 5.11)
 *         -errno       from io_uring_setup(2)
 * On failure, ring_init has released everything. */
int ring_init(struct ring *ring, const struct ring_options *options);

/* Asserts that the caller is the owner thread, and not a forked child. */
void ring_assert_owner(const struct ring *ring);

/* Releases the ring. Wait for every operation first. Otherwise, the kernel may
 * write to the buffers of operations after this returns. Accepts a zeroed
 * ring. */
void ring_finish(struct ring *ring);

/* Returns a cleared SQE with handle as its user_data, never NULL. If the SQ is
 * full, submits its SQEs first. This blocks the thread until the kernel accepts
 * SQEs. */
struct io_uring_sqe *ring_sqe(struct ring *ring, uint64_t handle);

/* Makes room for the next count SQEs, so that one submit includes all of them.
 * Call it before you fill a chain of linked SQEs. count is at most the number
 * of SQ entries. */
void ring_reserve(struct ring *ring, unsigned count);

/* Submits every SQE, lets the kernel post completions, and waits until
 * wait_count CQEs have arrived or timeout_ns has passed. Makes at least one
 * system call. The result does not show whether CQEs arrived: call ring_next.
 *
 * Returns 0       success; or a signal or the timeout ended the wait; or the
 *                 kernel refused the enter with EAGAIN or EBUSY, and the next
 *                 enter submits the SQEs
 *         -EAGAIN, -EBUSY  the kernel refused every enter for about a second
 *         -EBADR  the kernel had no memory for a completion, and dropped it
 *         -errno  from io_uring_enter(2); the ring is unusable */
int ring_enter(struct ring *ring, unsigned wait_count, uint64_t timeout_ns);

/* Returns true if there is work that needs ring_enter: SQEs to submit, deferred
 * completions (DEFER_TASKRUN), or an overflowed CQ. */
bool ring_needs_enter(const struct ring *ring);

/* Takes up to count_max CQEs in the order of their arrival. Copies them to out,
 * and then releases their CQ entries. Returns the number of CQEs. */
unsigned ring_take(struct ring *ring, struct io_uring_cqe *out,
                   unsigned count_max);

/* Takes one CQE. Returns false if there is none. */
static inline bool ring_next(struct ring *ring, struct io_uring_cqe *out)
{
    return ring_take(ring, out, 1) == 1;
}

/* Returns true if ring_next would find a CQE. */
bool ring_has_next(const struct ring *ring);

#endif
