/* read_all.h: reads until all bytes have arrived, or the file ends.
 *
 * An exercise of phase 1; see phase1/exercises/README.md. */
#ifndef READ_ALL_H
#define READ_ALL_H

#include <liburing.h>
#include <stdint.h>

/* Reads len bytes of fd into buf, through the ring, one read at a time. offset
 * is the position of the first byte, or READ_ALL_STREAM for a pipe.
 *
 * Returns len     success
 *         < len   the file ended after this many bytes
 *         -errno  a read failed */
int read_all(struct io_uring *ring, int fd, char *buf, unsigned len,
             uint64_t offset);

#define READ_ALL_STREAM UINT64_MAX

#endif
