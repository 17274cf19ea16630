/* sim_ring.h: the rings of the simulated kernel.
 *
 * sim_ring.c defines the functions of liburing's library that lib/ring/ring.c
 * calls (tests/tools/stairs.liburing), so a program that is linked with it
 * needs neither liburing's library nor a kernel with io_uring. The rings are
 * real memory: liburing's inline functions fill real SQEs and read real
 * CQEs. */
#ifndef PHASE6_SIM_RING_H
#define PHASE6_SIM_RING_H

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim_file.h"

/* The part that the program and the kernel share, besides SQEs and CQEs. */
struct ring_shared {
    unsigned sq_head, sq_tail, sq_mask, sq_entries, sq_flags, sq_dropped;
    unsigned cq_head, cq_tail, cq_mask, cq_entries, cq_flags, cq_overflow;
};

struct sim_ring {
    struct sim_file file;
    struct io_uring *uring;    /* borrowed: the program's */
    unsigned flags;            /* IORING_SETUP_* */
    struct ring_shared *shared; /* owned, with the SQEs and CQEs after it */
    struct io_uring_cqe *cqes;
    struct io_uring_cqe *overflow; /* owned: CQEs that found the CQ full */
    unsigned overflow_count, overflow_capacity;
    unsigned timeouts; /* TIMEOUTs that have expired */
    uint64_t fired_count; /* operations that were ever FIRED */
    struct sim_file *eventfd; /* referenced: signalled with each CQE; NULL */
    int fd;
};

/* Releases the rings of the last run. */
void ring_begin(void);

/* Posts a CQE, or keeps it until the CQ has room. */
void ring_post(struct sim_ring *ring, uint64_t user_data, int result,
               uint32_t flags);

/* Signals the ring's eventfd, unless the program has turned its signals off. If
 * is_nested is true, this happens during a write to another eventfd. */
void ring_signal(struct sim_ring *ring, bool is_nested);

/* Moves CQEs that found the CQ full to the CQ, as many as fit. */
void ring_flush_overflow(struct sim_ring *ring);

/* Returns the number of CQEs in the CQ. */
unsigned ring_ready_count(const struct sim_ring *ring);

/* Returns true if a CQE would not fit into the CQ. */
bool ring_is_full(const struct sim_ring *ring);

/* Returns true if CQEs appear in enters only (DEFER_TASKRUN). */
bool ring_is_deferred(const struct sim_ring *ring);

/* Returns true if an SQE that no enter has taken uses fd. */
bool ring_has_queued_sqe(int fd);

/* Returns the ring with this descriptor. */
struct sim_ring *ring_of(int fd);

#endif
