/* first_ring.h: the smallest possible use of io_uring. */
#ifndef PHASE0_FIRST_RING_H
#define PHASE0_FIRST_RING_H

/* Makes a ring of 32 entries with liburing, runs one operation that does
 * nothing, and destroys the ring. Returns 0 or -errno. */
int first_ring(void);

#endif
