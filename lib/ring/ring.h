/* ring.h: one ring, one owner thread.
 * Introduced in phase 2. Needs: nothing.
 *
 *      ring_sqe()          ring_enter()             ring_next()
 *   [ fill an SQE ] --> [ submit, and wait ] --> [ take a CQE ]
 *        SQ ring             the kernel               CQ ring
 *
 * This is plumbing: it knows SQEs and CQEs, and neither tasks nor futures.
 * ring.c is the only file that calls liburing's out-of-line functions; all
 * others use the inline io_uring_prep_* on an SQE that they got here. The
 * linker can replace what is behind that one door by another back end.
 *
 * Rules
 *  - Do use a ring in the thread that made it, and only there: asserted.
 *  - Do not use a ring in a child that fork(2) made: an assertion ends the
 *    child. A child may make its own rings, and ring_finish releases its copy
 *    of this one.
 *  - Do give each SQE a handle; HANDLE_NONE means that no operation waits.
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

/* What was submitted and what completed, since ring_init. */
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
                            as a host that only polls an eventfd expects */
};

struct ring {
    struct io_uring uring;
    const void **owner;  /* owned: a page that holds the address of the owner
                            thread's mark, and NULL in a forked child */
    unsigned flags;      /* IORING_SETUP_* that the kernel accepted */
    unsigned cq_entries; /* as the kernel rounded it */
    struct ring_counters counters;
};

/* Makes a ring. Tries SINGLE_ISSUER | DEFER_TASKRUN | SUBMIT_ALL first, and
 * then the rest of a fallback list where the kernel does not know a flag
 * (-EINVAL). ring->flags says which flags it got. Registers the ring's fd,
 * which spares a lookup at each enter.
 *
 * Returns 0; -EPERM or -ENOSYS when io_uring is forbidden or missing (phase 0
 * explains which); -ENOMEM when RLIMIT_MEMLOCK is too small, after one attempt
 * with a quarter of the size; -EMFILE; -EOPNOTSUPP for a kernel before 5.11,
 * which cannot wait with a time-out in one call. On failure nothing is left. */
int ring_init(struct ring *ring, const struct ring_options *options);

/* Releases the ring. Do reap every operation first: the kernel ends what is
 * still in flight later, after this has returned, and may write to its buffers
 * until then. Accepts a zeroed ring. */
void ring_finish(struct ring *ring);

/* Returns a cleared SQE that carries handle. Never NULL: a full SQ is submitted
 * first, and while the kernel refuses to take more, this waits. */
struct io_uring_sqe *ring_sqe(struct ring *ring, uint64_t handle);

/* Makes sure that the next count SQEs go out in one submit, as a chain of links
 * has to. count is at most the number of SQ entries. */
void ring_reserve(struct ring *ring, unsigned count);

/* Submits every SQE, lets the kernel post completions, and waits until
 * wait_count CQEs are there or timeout_ns have passed. Always one system call
 * at least. A return says nothing about what came: look with ring_next.
 *
 * Returns 0, also when interrupted by a signal, timed out, or told to try again
 * (the SQEs stay queued and go out with the next enter); -EBADR if the kernel
 * had no memory for a completion; another -errno if the ring is unusable. */
int ring_enter(struct ring *ring, unsigned wait_count, uint64_t timeout_ns);

/* True if the kernel has something to do that only ring_enter starts: SQEs to
 * take, completions held back (DEFER_TASKRUN), or an overflowed CQ. */
bool ring_needs_enter(const struct ring *ring);

/* Takes up to count_max CQEs, in the order of their arrival: copies them to
 * out, and then releases their ring entries. Returns how many it took. */
unsigned ring_take(struct ring *ring, struct io_uring_cqe *out,
                   unsigned count_max);

/* The same for one. False: there is none. */
static inline bool ring_next(struct ring *ring, struct io_uring_cqe *out)
{
    return ring_take(ring, out, 1) == 1;
}

/* True if ring_next would find a CQE. */
bool ring_has_next(const struct ring *ring);

/* Registrations; each returns >= 0 or -errno as io_uring_register(2) does. The
 * memory and the fds stay the caller's, and in use until unregistered. */
int ring_register_buf_ring(struct ring *ring, void *memory, unsigned entries,
                           int group);
int ring_unregister_buf_ring(struct ring *ring, int group);
int ring_register_eventfd(struct ring *ring, int fd);
int ring_unregister_eventfd(struct ring *ring);

/* Sets whether completions signal the registered eventfd; they do from the
 * start. After turning it on again, look for completions once more. */
void ring_signal_eventfd(struct ring *ring, bool is_on);

/* Bounds the kernel's io-wq workers: bounded[0] for files, bounded[1] for
 * everything else. Returns 0 or -errno. */
int ring_limit_workers(struct ring *ring, unsigned files, unsigned others);

#endif
