/* read_within.h: a read with a time limit.
 *
 * An exercise of phase 6; see phase6/exercises/README.md. */
#ifndef READ_WITHIN_H
#define READ_WITHIN_H

#include <liburing.h>

/* Reads from a pipe through the ring, and waits for limit_ms at most. When it
 * returns, nothing is in flight, and no result is in the CQ.
 *
 * Returns >= 0    the number of bytes, even if they came with the end of the
 *                 time
 *         -ETIME  no bytes came in time, and the read has ended
 *         -errno  the read's failure */
int read_within(struct io_uring *ring, int pipe, char *buf, unsigned len,
                unsigned limit_ms);

#endif
