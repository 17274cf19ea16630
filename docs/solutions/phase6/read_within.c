/* read_within: a time limit that leaves nothing behind.
 *
 * What it teaches: every form of a time limit ends with the same step, the wait
 * for the operation's own CQE. */
#include "read_within.h"

#include <errno.h>

enum { READ = 1, CANCEL = 2 };

int read_within(struct io_uring *ring, int pipe, char *buf, unsigned len,
                unsigned limit_ms)
{
    struct __kernel_timespec limit = {limit_ms / 1000,
                                      limit_ms % 1000 * 1000000};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe *cqe;
    int rc, result = 0;
    unsigned left = 1;

    io_uring_prep_read(sqe, pipe, buf, len, 0);
    io_uring_sqe_set_data64(sqe, READ);
    io_uring_submit(ring);
    rc = io_uring_wait_cqe_timeout(ring, &cqe, &limit);
    if (rc == -ETIME) {
        sqe = io_uring_get_sqe(ring);
        io_uring_prep_cancel64(sqe, READ, 0);
        io_uring_sqe_set_data64(sqe, CANCEL);
        io_uring_submit(ring);
        left = 2;
    }
    for (; left > 0; left--) {
        while (io_uring_wait_cqe(ring, &cqe) == -EINTR)
            ;
        if (cqe->user_data == READ)
            result = cqe->res;
        io_uring_cqe_seen(ring, cqe);
    }
    return result == -ECANCELED ? -ETIME : result;
}
