/* batch_ring.c: the ring of batch: set up, filled and entered with care.
 * Introduced in phase 2. Needs: batch_ring.h, sys.h.
 *
 * What it teaches: what stands between a program and liburing. Set-up flags are
 * tried from the best down, since only the kernel knows which it has. An SQE is
 * never NULL, since a full SQ is not its user's business. And an enter that
 * failed has changed nothing: what was written down stays queued. lib/ring.h is
 * these functions, grown up; here they can be read in one sitting. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mode.h"
#include "batch_ring.h"
#include "sys.h"

#define SQ_ENTRIES_MIN 4u /* BATCH_CHAIN_MAX has to fit */
#define WINDOW_SMALL 4u   /* where locked memory is scarce */

/* Per place: a chain, or a close and a write; see window.c. */
#define OPERATIONS_PER_PLACE 4u

/* How often the kernel may say that it has no memory just now, a millisecond
 * apart, before it is believed. */
#define REFUSALS_MAX 200

/* Completions are run when we enter anyway (DEFER_TASKRUN), by the one thread
 * there is; a bad SQE does not hold back those behind it (SUBMIT_ALL). */
static const unsigned flag_ladder[] = {
    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
        IORING_SETUP_SUBMIT_ALL,
    IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL,
    IORING_SETUP_SUBMIT_ALL,
    0,
};

/* The descriptors below the limit that are still free, at most `wanted`. Asks
 * poll about all of them at once: POLLNVAL is a number without a file. */
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

/* A place needs a descriptor, or an entry in a table that may have no more of
 * them than a process may have files. */
static void fit_descriptors(struct batch *b)
{
    uint64_t limit = sys_open_files_max();

    b->counts.system_calls++;
    if (!b->mode->is_direct) {
        b->counts.system_calls++;
        b->window = count_free_descriptors(b->window);
    } else if (b->window + 1 > limit) {
        b->window = (unsigned)limit - 1;
    }
    if (b->window == 0)
        b->window = 1; /* and let the open say why it fails */
}

static int init_with_ladder(struct batch *b, unsigned sq)
{
    const unsigned rungs = sizeof flag_ladder / sizeof *flag_ladder;
    int rc = -EINVAL;

    for (unsigned i = 0; i < rungs && rc == -EINVAL; i++) {
        struct io_uring_params params = {
            .flags = flag_ladder[i] | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
            /* Room for whatever can be in flight: the CQ never overflows. */
            .cq_entries = OPERATIONS_PER_PLACE * (b->window + 1),
        };

        if (params.cq_entries < sq)
            params.cq_entries = sq;
        rc = io_uring_queue_init_params(sq, &b->ring, &params);
        b->counts.system_calls++;
    }
    return rc;
}

int batch_ring_init(struct batch *b, unsigned sq)
{
    unsigned entries = sq != 0 ? sq : OPERATIONS_PER_PLACE * b->window;
    int rc;

    if (entries < SQ_ENTRIES_MIN)
        entries = SQ_ENTRIES_MIN;
    rc = init_with_ladder(b, entries);
    if (rc == -ENOMEM && b->window > WINDOW_SMALL) {
        /* The rings count against RLIMIT_MEMLOCK: a small one may fit. */
        b->window = WINDOW_SMALL;
        rc = init_with_ladder(b, OPERATIONS_PER_PLACE * WINDOW_SMALL);
    }
    if (rc < 0)
        return rc;
    /* Spares a lookup per enter; where it is refused, the lookup stays. */
    (void)io_uring_register_ring_fd(&b->ring);
    b->counts.system_calls++;
    fit_descriptors(b);
    return 0;
}

/* Enters the kernel until it has taken the call. */
static int enter(struct batch *b, unsigned wait_count)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    int refusals = 0, rc;

    for (;;) {
        rc = io_uring_submit_and_wait(&b->ring, wait_count);
        b->counts.submits++;
        b->counts.system_calls++;
        if (rc >= 0)
            return 0;
        if (rc == -EINTR) /* a signal; SA_RESTART does not help here */
            continue;
        if ((rc != -EAGAIN && rc != -EBUSY) || ++refusals > REFUSALS_MAX)
            return rc;
        /* The SQEs are still in the ring, and their buffers the kernel's. */
        if (io_uring_cq_ready(&b->ring) > 0)
            return 0; /* room can be made: let the caller take these */
        nanosleep(&pause, NULL);
    }
}

void batch_reserve(struct batch *b, unsigned count)
{
    while (io_uring_sq_space_left(&b->ring) < count && b->enter_result == 0)
        b->enter_result = enter(b, 0);
}

struct io_uring_sqe *batch_sqe(struct batch *b, unsigned place,
                               enum batch_step step)
{
    struct io_uring_sqe *sqe;

    batch_reserve(b, 1);
    sqe = io_uring_get_sqe(&b->ring);
    if (sqe == NULL) /* enter has failed for good: batch_enter will say so */
        sqe = &b->nowhere;
    /* The entry was used before: what prep does not set must not remain. */
    memset(sqe, 0, sizeof *sqe);
    io_uring_sqe_set_data64(sqe, (uint64_t)place << 8 | (unsigned)step);
    if (step != STEP_WRITE && step != STEP_WAIT_OUTPUT)
        b->places[place].in_flight++;
    b->in_flight++;
    b->counts.operations++;
    return sqe;
}

int batch_enter(struct batch *b)
{
    if (b->enter_result == 0)
        b->enter_result = enter(b, 1);
    return b->enter_result;
}
