/* write_vectors: resume a short vectored write.
 *
 * What it teaches: what is left is again a list of vectors. So one loop is
 * enough, and each write gets what the last one has left. */
#include "write_vectors.h"

#include <errno.h>

static int write_once(struct io_uring *ring, int fd,
                      const struct iovec *vectors, unsigned count)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe *cqe;
    int result;

    io_uring_prep_writev(sqe, fd, vectors, count, (uint64_t)-1);
    result = io_uring_submit(ring);
    if (result >= 0)
        result = io_uring_wait_cqe(ring, &cqe);
    if (result < 0)
        return result;
    result = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return result;
}

int write_vectors(struct io_uring *ring, int fd, struct iovec *vectors,
                  unsigned count)
{
    for (;;) {
        int result;
        size_t done;

        while (count > 0 && vectors->iov_len == 0) {
            vectors++;
            count--;
        }
        if (count == 0)
            return 0;
        result = write_once(ring, fd, vectors, count);
        if (result < 0)
            return result;
        done = (size_t)result;
        while (count > 0 && done >= vectors->iov_len) {
            done -= vectors->iov_len;
            vectors++;
            count--;
        }
        if (count > 0) {
            vectors->iov_base = (char *)vectors->iov_base + done;
            vectors->iov_len -= done;
        }
    }
}
