/* read_all: the same as read_all.c, in another way: by recursion, and with a
 * vectored read. */
#include "read_all.h"

int read_all(struct io_uring *ring, int fd, char *buf, unsigned len,
             uint64_t offset)
{
    struct iovec rest = {buf, len};
    struct io_uring_cqe *cqe;
    int got, more;

    if (len == 0)
        return 0;
    io_uring_prep_readv(io_uring_get_sqe(ring), fd, &rest, 1, offset);
    got = io_uring_submit_and_wait(ring, 1);
    if (got < 0 || (got = io_uring_wait_cqe(ring, &cqe)) < 0)
        return got;
    got = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    if (got <= 0)
        return got;
    if (offset != READ_ALL_STREAM)
        offset += (unsigned)got;
    more = read_all(ring, fd, buf + got, len - (unsigned)got, offset);
    return more < 0 ? more : got + more;
}
