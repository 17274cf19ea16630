/* write_vectors: resume a short vectored write.
 *
 * The task: write write_vectors. write_vectors.h has its contract.
 *
 *   - io_uring_prep_writev writes several buffers with one request. It may
 *     write fewer bytes than the buffers have, and stop in the middle of one.
 *   - After such a short write, skip the vectors that were written completely.
 *     The vector in which the write stopped gets a new start and a new length.
 *   - A vector may be empty.
 *   - The kernel reads the array of vectors, too: keep it until the CQE. */
#include "write_vectors.h"

#include <errno.h>

int write_vectors(struct io_uring *ring, int fd, struct iovec *vectors,
                  unsigned count)
{
    return -ENOSYS; /* yours */
}
