/* one_read.h: one read, in a program that gets signals.
 *
 * An exercise of phase 1; see phase1/exercises/README.md. */
#ifndef ONE_READ_H
#define ONE_READ_H

#include <liburing.h>

/* Reads from a pipe through the ring, once. Sleeps until the result has
 * arrived, even if signals interrupt the wait.
 *
 * Returns >= 0    the number of bytes
 *         -errno  the read's own failure */
int one_read(struct io_uring *ring, int pipe, char *buf, unsigned len);

#endif
