/* read_within: the same as read_within.c, in another way: with a linked
 * timeout. The kernel cancels the read, and again two CQEs come. */
#include "read_within.h"

#include <errno.h>

int read_within(struct io_uring *ring, int pipe, char *buf, unsigned len,
                unsigned limit_ms)
{
    struct __kernel_timespec limit = {limit_ms / 1000,
                                      limit_ms % 1000 * 1000000};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    int result = 0;

    io_uring_prep_read(sqe, pipe, buf, len, 0);
    io_uring_sqe_set_data(sqe, buf);
    sqe->flags |= IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_link_timeout(sqe, &limit, 0);
    io_uring_sqe_set_data(sqe, NULL);
    if (io_uring_submit(ring) < 2)
        return -EAGAIN;
    for (int left = 2; left > 0; left--) {
        struct io_uring_cqe *cqe;

        while (io_uring_wait_cqe(ring, &cqe) != 0)
            ;
        if (io_uring_cqe_get_data(cqe) == buf)
            result = cqe->res;
        io_uring_cqe_seen(ring, cqe);
    }
    return result == -ECANCELED || result == -EINTR ? -ETIME : result;
}
