/* own_wait.h: the waiting half of a ring library.
 *
 * An exercise of phase 7; see phase7/exercises/README.md. */
#ifndef OWN_WAIT_H
#define OWN_WAIT_H

#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdint.h>

/* The completion queue. */
struct own_results {
    int ring_fd;
    _Atomic uint32_t *head; /* moved by us */
    _Atomic uint32_t *tail; /* moved by the kernel */
    struct io_uring_cqe *cqes;
    uint32_t mask;
};

/* Waits for a result, for limit_ms at most, and takes it: copies it to *cqe,
 * and moves the head. Makes no system call if a result is there. Does not end
 * because of a signal.
 *
 * Returns 0       *cqe is the oldest result
 *         -ETIME  no result came in time
 *         -errno  io_uring_enter failed */
int own_wait(struct own_results *results, struct io_uring_cqe *cqe,
             unsigned limit_ms);

#endif
