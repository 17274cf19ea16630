/* small_rings.h: one ring, and the next of its completions.
 *
 * Test support of phase 2. Needs: ring.h, suite.h. */
#ifndef TESTS_PHASE2_SMALL_RINGS_H
#define TESTS_PHASE2_SMALL_RINGS_H

#include "ring.h"
#include "suite.h"

#define MS UINT64_C(1000000)

static struct ring ring;

static inline void start(unsigned sq_entries, unsigned cq_entries)
{
    struct ring_options options = {.sq_entries = sq_entries,
                                   .cq_entries = cq_entries};

    check_ring(ring_init(&ring, &options));
}

static inline void nop(uint64_t handle)
{
    io_uring_prep_nop(ring_sqe(&ring, handle));
}

struct completion {
    uint64_t handle;
    int result;
};

/* The next completion, for which the kernel is entered if need be. */
static inline struct completion next(void)
{
    struct io_uring_cqe cqe;

    while (!ring_next(&ring, &cqe))
        check_res(ring_enter(&ring, 1, 1000 * MS), 0);
    return (struct completion){cqe.user_data, cqe.res};
}

static inline bool is_empty(void)
{
    struct io_uring_cqe cqe;

    return !ring_next(&ring, &cqe);
}

#endif
