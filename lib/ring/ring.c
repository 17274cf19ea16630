/* ring.c: one ring, one owner thread; see ring.h.
 * Introduced in phase 2. Needs: ring.h, ring_register.h, sys.h,
 * sys_end.h.
 *
 * What it teaches: three rules make a ring safe to use. ring_sqe never returns
 * NULL. ring_enter does not fail for temporary reasons. ring_take copies a CQE
 * before it releases the CQ entry. */
#include "ring.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "ring_register.h"
#include "sys.h"
#include "sys_end.h"

#define SQ_ENTRIES_DEFAULT 256u
#define SQ_ENTRIES_MAX 32768u
#define CQ_ENTRIES_MAX 65536u

/* These constants limit the retries while the kernel refuses a ring or an
 * enter. ring_init retries once per millisecond. After a refusal, ring_enter
 * returns 0, so that the caller enters again. From the 65th refusal in a row
 * on, ring_enter pauses for a millisecond before it returns. */
#define INIT_RETRIES_MAX 100u
#define REFUSALS_AT_ONCE 64u
#define REFUSALS_MAX 1000u

/* The best flags come first. Every kernel since 5.11 accepts the last entry.
 * With SUBMIT_ALL, the kernel continues after a bad SQE. With TASKRUN_FLAG, it
 * sets a flag in the SQ ring while completions wait for an enter. */
static const unsigned fallbacks[] = {
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
        IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL,
    IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG |
        IORING_SETUP_SUBMIT_ALL,
    IORING_SETUP_SUBMIT_ALL,
    0,
};

/* The address of this variable identifies the thread without a system call. */
static _Thread_local char thread_mark;

ring_hook_fn *ring_hook;

/* Returns true in a forked child, where fork(2) has wiped the owner page. The
 * child has its own copy of the ring's indices: if it used the ring, the parent
 * would lose operations. */
static bool is_inherited(const struct ring *ring)
{
    return *ring->owner == NULL;
}

void ring_assert_owner(const struct ring *ring)
{
    if (*ring->owner == &thread_mark)
        return;
    if (is_inherited(ring))
        sys_fatal("a forked child used the ring of its parent", -EPERM);
    assert(!"a ring is used by the thread that made it, and by no other");
}

static unsigned at_most(unsigned value, unsigned limit)
{
    return value < limit ? value : limit;
}

/* Tries one size with each of the fallbacks that options allow. */
static int init_with_fallbacks(struct ring *ring, unsigned sq, unsigned cq,
                               const struct ring_options *options)
{
    const unsigned count = sizeof fallbacks / sizeof *fallbacks;
    unsigned always = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    int rc = -EINVAL;

    if (options->rules != NULL)
        always |= IORING_SETUP_R_DISABLED;
    for (unsigned i = options->plain ? 2 : 0; i < count && rc == -EINVAL; i++) {
        struct io_uring_params params = {
            .flags = fallbacks[i] | always,
            .cq_entries = cq,
        };

        rc = io_uring_queue_init_params(sq, &ring->uring, &params);
        ring->flags = params.flags;
        ring->cq_entries = params.cq_entries;
    }
    return rc;
}

/* Completes the set-up of a ring. */
static int finish_init(struct ring *ring, const struct ring_rules *rules)
{
    const unsigned needed = IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP;

    if ((ring->uring.features & needed) != needed)
        return -EOPNOTSUPP;
    /* The ring works even if these calls fail. The first saves a look-up of the
     * fd in each enter. The second keeps the ring's memory out of a fork. */
    (void)io_uring_register_ring_fd(&ring->uring);
    (void)io_uring_ring_dontfork(&ring->uring);
    if (rules == NULL)
        return 0;
    ring->restricted = ring_restrict(ring, rules);
    return io_uring_register((unsigned)ring->uring.ring_fd,
                             IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

int ring_init(struct ring *ring, const struct ring_options *options)
{
    unsigned sq = options->sq_entries != 0 ? options->sq_entries
                                           : SQ_ENTRIES_DEFAULT;
    unsigned cq = options->cq_entries ? options->cq_entries : 4 * sq;
    void *page; /* wiped in a forked child */
    int rc;

    memset(ring, 0, sizeof *ring);
    rc = sys_map_forgotten(&page);
    if (rc < 0)
        return rc;
    ring->owner = page;
    *ring->owner = &thread_mark;
    sq = at_most(sq, SQ_ENTRIES_MAX);
    cq = at_most(cq > sq ? cq : sq, CQ_ENTRIES_MAX);
    rc = init_with_fallbacks(ring, sq, cq, options);
    /* -ENOMEM: RLIMIT_MEMLOCK is used up, perhaps by a closed ring, which the
     * kernel destroys only a few ms after the close. So wait and retry. */
    for (unsigned i = 0; rc == -ENOMEM && i < INIT_RETRIES_MAX; i++) {
        sys_pause_ns(1000000);
        rc = init_with_fallbacks(ring, sq, cq, options);
    }
    /* As a last resort, try a smaller ring. */
    if (rc == -ENOMEM && sq >= 8)
        rc = init_with_fallbacks(ring, sq / 4, sq, options);
    if (rc < 0) {
        (void)sys_unmap(ring->owner, sys_page_size());
        memset(ring, 0, sizeof *ring);
        return rc;
    }
    rc = finish_init(ring, options->rules);
    if (rc < 0)
        ring_finish(ring);
    return rc;
}

void ring_finish(struct ring *ring)
{
    if (ring->owner == NULL)
        return;
    if (is_inherited(ring)) { /* the child has the fd, but no mapping */
        (void)sys_close(ring->uring.ring_fd);
    } else {
        ring_assert_owner(ring);
        io_uring_queue_exit(&ring->uring);
    }
    (void)sys_unmap(ring->owner, sys_page_size());
    memset(ring, 0, sizeof *ring);
}

/* Counts a refused enter. Pauses for 1 ms from the 65th refusal in a row on.
 * Returns 0, or rc when the retry budget is used up. */
static int refused(struct ring *ring, int rc)
{
    ring->counters.refusals++;
    if (++ring->refusals_in_row > REFUSALS_MAX)
        return rc;
    if (ring->refusals_in_row > REFUSALS_AT_ONCE)
        sys_pause_ns(1000000);
    return 0;
}

/* Converts the result of an enter: temporary failures become 0. */
static int enter_result(struct ring *ring, int rc)
{
    switch (rc) {
    case -EAGAIN: /* no memory for a request */
    case -EBUSY:  /* the CQ has overflowed: reap first */
        return refused(ring, rc);
    case -EINTR: /* a signal, even with SA_RESTART */
    case -ETIME: /* the timeout has passed */
        return 0;
    default:
        ring->refusals_in_row = 0;
        return rc < 0 ? rc : 0;
    }
}

/* If the compiler inlined this, each ring_enter would push four registers. Only
 * the call of the hook needs that, and the hook is rarely set. */
__attribute__((noinline)) static int enter(struct ring *ring,
                                           unsigned wait_count,
                                           uint64_t timeout_ns)
{
    struct __kernel_timespec timeout = {
        .tv_sec = (long long)(timeout_ns / 1000000000u),
        .tv_nsec = (long long)(timeout_ns % 1000000000u),
    };
    struct io_uring_cqe *first; /* not used: liburing 2.3 may leave it NULL */
    int rc;

    ring_assert_owner(ring);
    if (*ring->uring.sq.kflags & IORING_SQ_CQ_OVERFLOW)
        ring->counters.overflows++;
    ring->counters.enters++;
    if (wait_count == 0)
        rc = io_uring_submit_and_get_events(&ring->uring);
    else if (timeout_ns == RING_FOREVER)
        rc = io_uring_submit_and_wait(&ring->uring, wait_count);
    else
        rc = io_uring_submit_and_wait_timeout(&ring->uring, &first, wait_count,
                                              &timeout, NULL);
    return enter_result(ring, rc);
}

/* Calls the hook with each SQE from the kernel's tail on. An earlier enter has
 * already shown the SQEs before that tail. */
__attribute__((cold)) static void show_new_sqes(const struct ring *ring)
{
    const struct io_uring_sq *sq = &ring->uring.sq;

    ring_assert_owner(ring); /* a forked child has no SQ in its memory */
    for (unsigned i = *sq->ktail; i != sq->sqe_tail; i++)
        ring_hook(ring, &sq->sqes[i & sq->ring_mask], NULL);
}

int ring_enter(struct ring *ring, unsigned wait_count, uint64_t timeout_ns)
{
    if (ring_hook != NULL)
        show_new_sqes(ring);
    return enter(ring, wait_count, timeout_ns);
}

/* Submits until there is room for count SQEs. If the kernel runs out of memory,
 * it accepts the rest after other requests complete. */
static void make_room(struct ring *ring, unsigned count)
{
    while (io_uring_sq_space_left(&ring->uring) < count) {
        int rc = ring_enter(ring, 0, 0);

        if (rc < 0)
            sys_end_without_ring(rc);
    }
}

struct io_uring_sqe *ring_sqe(struct ring *ring, uint64_t handle)
{
    struct io_uring_sqe *sqe;

    ring_assert_owner(ring);
    sqe = io_uring_get_sqe(&ring->uring);
    if (sqe == NULL) {
        make_room(ring, 1);
        sqe = io_uring_get_sqe(&ring->uring);
        assert(sqe != NULL);
    }
    /* The entry still has the flags of an older operation. The prep functions
     * do not clear all fields, and do not set user_data. */
    memset(sqe, 0, sizeof *sqe);
    sqe->user_data = handle;
    ring->counters.sqes++;
    return sqe;
}

void ring_reserve(struct ring *ring, unsigned count)
{
    ring_assert_owner(ring);
    assert(count <= ring->uring.sq.ring_entries);
    make_room(ring, count);
}

bool ring_needs_enter(const struct ring *ring)
{
    const unsigned waiting = IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW;

    return io_uring_sq_ready(&ring->uring) > 0 ||
           (IO_URING_READ_ONCE(*ring->uring.sq.kflags) & waiting) != 0;
}

unsigned ring_take(struct ring *ring, struct io_uring_cqe *restrict out,
                   unsigned count_max)
{
    const struct io_uring_cq *cq = &ring->uring.cq;
    unsigned count;

    ring_assert_owner(ring);
    count = at_most(io_uring_cq_ready(&ring->uring), count_max);
    for (unsigned i = 0; i < count; i++)
        out[i] = cq->cqes[(*cq->khead + i) & cq->ring_mask];
    io_uring_cq_advance(&ring->uring, count);
    ring->counters.cqes += count;
    for (unsigned i = 0; ring_hook && i < count; i++)
        ring_hook(ring, NULL, &out[i]);
    return count;
}

bool ring_has_next(const struct ring *ring)
{
    return io_uring_cq_ready(&ring->uring) > 0;
}
