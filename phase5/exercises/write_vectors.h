/* write_vectors.h: writes all bytes of many buffers.
 *
 * An exercise of phase 5; see phase5/exercises/README.md. */
#ifndef WRITE_VECTORS_H
#define WRITE_VECTORS_H

#include <liburing.h>

/* Writes all bytes of vectors[0..count) to a pipe or a socket, in order, with
 * vectored writes through the ring. May change the vectors, but not the bytes
 * that they point to.
 *
 * Returns 0       all bytes were written
 *         -errno  a write failed */
int write_vectors(struct io_uring *ring, int fd, struct iovec *vectors,
                  unsigned count);

#endif
