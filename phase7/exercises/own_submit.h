/* own_submit.h: the submitting half of a ring library.
 *
 * An exercise of phase 7; see phase7/exercises/README.md. */
#ifndef OWN_SUBMIT_H
#define OWN_SUBMIT_H

#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdint.h>

/* The submission queue. Slot i of the array holds i already. */
struct own_queue {
    int ring_fd;
    _Atomic uint32_t *head; /* moved by the kernel */
    _Atomic uint32_t *tail; /* moved by own_submit */
    struct io_uring_sqe *sqes;
    uint32_t mask;
    uint32_t next; /* the index of the next SQE; begins equal to the tail */
};

/* Returns the next SQE, zeroed, or NULL if the queue is full. The kernel does
 * not see it before own_submit. */
struct io_uring_sqe *own_next(struct own_queue *queue);

/* Shows the kernel all SQEs that own_next has returned, and submits those that
 * it has not taken, with one io_uring_enter. The kernel may take fewer: the
 * others stay in the queue, for the next call.
 *
 * Returns >= 0    the number of SQEs that the kernel took
 *         -errno  io_uring_enter failed, and took none */
int own_submit(struct own_queue *queue);

#endif
