/* write_vectors: the same as write_vectors.c, in another way: it subtracts from
 * each vector what was written of it, and always passes all vectors. */
#include "write_vectors.h"

#include <errno.h>

int write_vectors(struct io_uring *ring, int fd, struct iovec *vectors,
                  unsigned count)
{
    size_t left = 0;

    for (unsigned i = 0; i < count; i++)
        left += vectors[i].iov_len;
    while (left > 0) {
        struct io_uring_cqe *cqe;
        size_t done;

        io_uring_prep_writev(io_uring_get_sqe(ring), fd, vectors, count, 0);
        if (io_uring_submit_and_wait(ring, 1) < 0 ||
            io_uring_wait_cqe(ring, &cqe) < 0)
            return -EIO;
        if (cqe->res < 0)
            return cqe->res;
        done = (size_t)cqe->res;
        io_uring_cqe_seen(ring, cqe);
        left -= done;
        for (unsigned i = 0; i < count; i++) {
            size_t part = vectors[i].iov_len < done ? vectors[i].iov_len : done;

            vectors[i].iov_base = (char *)vectors[i].iov_base + part;
            vectors[i].iov_len -= part;
            done -= part;
        }
    }
    return 0;
}
