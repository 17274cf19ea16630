/* batch_ring.c: sets up, fills, and enters the ring of batch.
 * Introduced in phase 2. Needs: batch_ring.h, sys.h.
 *
 * What it teaches: the code that a program needs on top of liburing. Set-up
 * tries several sets of flags, the best first, because not every kernel
 * supports all of them. batch_ring_sqe never returns NULL, so that its callers
 * need not handle a full SQ. A failed enter leaves the queued SQEs in the ring,
 * so the call can be repeated. lib/ring/ring.c is the complete version; this
 * file is short enough to read in one sitting. */
#include "batch_ring.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sys.h"

#define SQ_ENTRIES_MIN 4u /* room for BATCH_RING_CHAIN_MAX */
#define WINDOW_SMALL 4u   /* files at once if RLIMIT_MEMLOCK is low */

/* Entries of the SQ and the CQ per file. A file has at most three operations in
 * flight: a chain, or a close with the write and the read of --verify. The
 * fourth entry is for a write to stdout. See batch_loop.c. */
#define OPERATIONS_PER_FILE 4u

/* The retry budget of enter for -EAGAIN and -EBUSY, which mean that the kernel
 * is short of a resource. A pause of 1 ms precedes each retry. */
#define RETRIES_MAX 200

/* The fallback list, best first. With DEFER_TASKRUN the kernel posts
 * completions only when our thread enters it, which the loop does anyway. With
 * SUBMIT_ALL the kernel also submits the SQEs after a bad one. */
static const unsigned setup_flags[] = {
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
        IORING_SETUP_SUBMIT_ALL,
    IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL,
    IORING_SETUP_SUBMIT_ALL,
    0,
};

/* Returns the number of free descriptors below the limit, at most wanted. One
 * poll call checks all of them: POLLNVAL marks a number that is not an open
 * descriptor. */
static unsigned count_free_descriptors(unsigned wanted)
{
    uint64_t limit = sys_open_files_max();
    nfds_t count = 2 * wanted + 64;
    unsigned free_count = 0;
    struct pollfd *all;

    if (limit < count)
        count = limit;
    all = calloc(count, sizeof *all);
    if (all == NULL)
        return 0;
    for (nfds_t i = 0; i < count; i++)
        all[i].fd = (int)i;
    if (poll(all, count, 0) >= 0)
        for (nfds_t i = 0; i < count; i++)
            free_count += (all[i].revents & POLLNVAL) != 0;
    free(all);
    return free_count < wanted ? free_count : wanted;
}

/* Lowers *window to the number of files that can be open at the same time. Each
 * file needs a descriptor, or an entry in the ring's table. RLIMIT_NOFILE
 * limits both. */
static void fit_descriptors(struct batch_ring *ring, unsigned *window,
                            bool is_direct)
{
    uint64_t limit = sys_open_files_max();

    ring->counts->system_calls++;
    if (!is_direct) {
        ring->counts->system_calls++;
        *window = count_free_descriptors(*window);
    } else if (*window + 1 > limit) {
        *window = (unsigned)limit - 1;
    }
    if (*window == 0)
        *window = 1; /* the open will fail and report why */
}

static int init_with_fallbacks(struct batch_ring *ring, unsigned sq,
                               unsigned window)
{
    const unsigned count = sizeof setup_flags / sizeof *setup_flags;
    int rc = -EINVAL;

    for (unsigned i = 0; i < count && rc == -EINVAL; i++) {
        struct io_uring_params params = {
            .flags = setup_flags[i] | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
            /* Room for all operations in flight: the CQ never overflows. */
            .cq_entries = OPERATIONS_PER_FILE * (window + 1),
        };

        if (params.cq_entries < sq)
            params.cq_entries = sq;
        rc = io_uring_queue_init_params(sq, &ring->uring, &params);
        ring->counts->system_calls++;
    }
    return rc;
}

int batch_ring_init(struct batch_ring *ring, unsigned sq, unsigned *window,
                    bool is_direct)
{
    unsigned entries = sq != 0 ? sq : OPERATIONS_PER_FILE * *window;
    int rc;

    if (entries < SQ_ENTRIES_MIN)
        entries = SQ_ENTRIES_MIN;
    rc = init_with_fallbacks(ring, entries, *window);
    if (rc == -ENOMEM && *window > WINDOW_SMALL) {
        /* RLIMIT_MEMLOCK limits the ring's memory. A small ring may fit. */
        *window = WINDOW_SMALL;
        rc = init_with_fallbacks(ring, OPERATIONS_PER_FILE * WINDOW_SMALL,
                                 *window);
    }
    if (rc < 0)
        return rc;
    /* Register the ring's descriptor, which saves a lookup in each enter. The
     * ring works even if this fails. */
    (void)io_uring_register_ring_fd(&ring->uring);
    ring->counts->system_calls++;
    fit_descriptors(ring, window, is_direct);
    return 0;
}

/* Enters the kernel, and repeats the call if it fails for a temporary reason,
 * until the retry budget is used up. Returns 0 or -errno. */
static int enter(struct batch_ring *ring, unsigned wait_count)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    int retries = 0, rc;

    for (;;) {
        rc = io_uring_submit_and_wait(&ring->uring, wait_count);
        ring->counts->submits++;
        ring->counts->system_calls++;
        if (rc >= 0)
            return 0;
        if (rc == -EINTR) /* a signal; SA_RESTART does not help here */
            continue;
        if ((rc != -EAGAIN && rc != -EBUSY) || ++retries > RETRIES_MAX)
            return rc;
        /* The SQEs stay in the ring, so a later enter submits them. */
        if (wait_count > 0 && io_uring_cq_ready(&ring->uring) > 0)
            return 0; /* the caller reaps these, which makes room */
        nanosleep(&pause, NULL);
    }
}

void batch_ring_reserve(struct batch_ring *ring, unsigned count)
{
    while (io_uring_sq_space_left(&ring->uring) < count && ring->result == 0)
        ring->result = enter(ring, 0);
}

struct io_uring_sqe *batch_ring_sqe(struct batch_ring *ring, uint64_t data)
{
    struct io_uring_sqe *sqe;

    batch_ring_reserve(ring, 1);
    sqe = io_uring_get_sqe(&ring->uring);
    if (sqe == NULL) /* enter has failed; batch_ring_enter returns its error */
        sqe = &ring->discarded;
    /* The SQE may hold old values, and the prep functions do not set every
     * field. */
    memset(sqe, 0, sizeof *sqe);
    io_uring_sqe_set_data64(sqe, data);
    ring->in_flight++;
    ring->counts->operations++;
    return sqe;
}

bool batch_ring_is_busy(const struct batch_ring *ring)
{
    return ring->is_serial && ring->in_flight > 0;
}

int batch_ring_enter(struct batch_ring *ring)
{
    if (ring->result == 0)
        ring->result = enter(ring, 1);
    return ring->result;
}
