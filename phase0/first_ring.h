/* first_ring.h: the smallest program with io_uring in it. */
#ifndef PHASE0_FIRST_RING_H
#define PHASE0_FIRST_RING_H

/* Makes a ring of 32 entries with liburing, sends one operation through it
 * that does nothing, and takes the ring down. Returns 0, or -errno. */
int first_ring(void);

#endif
