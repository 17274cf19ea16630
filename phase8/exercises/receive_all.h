/* receive_all.h: receives into buffers that the kernel picks.
 *
 * An exercise of phase 8; see phase8/exercises/README.md. */
#ifndef RECEIVE_ALL_H
#define RECEIVE_ALL_H

#include <liburing.h>

#define RECEIVE_LEN 16   /* bytes of a buffer */
#define RECEIVE_GROUP 7  /* the number of the buffer group */

/* A pool that is registered already. At first the kernel has all buffers. */
struct pool {
    struct io_uring_buf_ring *shared;
    char (*buffers)[RECEIVE_LEN];
    unsigned count; /* a power of two */
};

/* Receives from a socket until its end, with multishot receives that pick
 * buffers of the pool. Calls use for the bytes of each result, in order. A
 * buffer goes back to the kernel after use has returned.
 *
 * Returns 0       the end of the input; the kernel has all buffers again
 *         -errno  a receive failed */
int receive_all(struct io_uring *ring, int fd, struct pool *pool,
                void (*use)(const char *bytes, unsigned len));

#endif
