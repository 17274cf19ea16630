/* push_pop.h: the two halves of the protocol between a program and the kernel.
 *
 * An exercise of phase 1; see phase1/exercises/README.md. */
#ifndef PUSH_POP_H
#define PUSH_POP_H

#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A ring in memory that is shared with the kernel. Each queue has mask + 1
 * slots, a power of two. The indices count up, and wrap at 2^32. */
struct raw_ring {
    _Atomic uint32_t *sq_head; /* moved by the kernel */
    _Atomic uint32_t *sq_tail; /* moved by us */
    uint32_t *sq_array;        /* slot i holds the index of an SQE */
    struct io_uring_sqe *sqes;
    uint32_t sq_mask;

    _Atomic uint32_t *cq_head; /* moved by us */
    _Atomic uint32_t *cq_tail; /* moved by the kernel */
    struct io_uring_cqe *cqes;
    uint32_t cq_mask;
};

/* Appends a copy of sqe to the SQ. Returns false, and changes nothing, if the
 * SQ is full. */
bool raw_push(struct raw_ring *ring, const struct io_uring_sqe *sqe);

/* Takes the oldest CQE off the CQ, and copies it to cqe. Returns false, and
 * changes nothing, if the CQ is empty. */
bool raw_pop(struct raw_ring *ring, struct io_uring_cqe *cqe);

#endif
