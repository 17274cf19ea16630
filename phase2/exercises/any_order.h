/* any_order.h: many reads at once.
 *
 * An exercise of phase 2; see phase2/exercises/README.md. */
#ifndef ANY_ORDER_H
#define ANY_ORDER_H

#include <liburing.h>

#define ANY_ORDER_LEN 64

/* Reads once from each of count descriptors: fds[i] into bufs[i], at offset 0.
 * All reads are submitted with one call. results[i] becomes the number of
 * bytes, or -errno if this read failed. The ring has room for count entries.
 *
 * Returns 0       all results have arrived
 *         -errno  the ring failed */
int read_each(struct io_uring *ring, const int *fds,
              char (*bufs)[ANY_ORDER_LEN], int *results, unsigned count);

#endif
