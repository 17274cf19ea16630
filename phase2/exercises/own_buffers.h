/* own_buffers.h: a window of reads, and a pool of buffers.
 *
 * An exercise of phase 2; see phase2/exercises/README.md. */
#ifndef OWN_BUFFERS_H
#define OWN_BUFFERS_H

#include <liburing.h>

#define OWN_BUFFERS_COUNT 4
#define OWN_BUFFERS_LEN 64

/* Reads once from each of count pipes, with at most OWN_BUFFERS_COUNT reads in
 * flight. Each read fills a buffer of pool that no other read in flight uses.
 * When a read completes, calls use with the number of its pipe, its bytes and
 * its result. Reads may complete in any order. While pipes are left to read,
 * OWN_BUFFERS_COUNT reads are in flight.
 *
 * Returns 0       every pipe was read
 *         -errno  the ring failed */
int read_pipes(struct io_uring *ring, const int *pipes, unsigned count,
               char (*pool)[OWN_BUFFERS_LEN],
               void (*use)(unsigned number, const char *bytes, int result));

#endif
