/* one_read: wait for a result although signals arrive.
 *
 * What it teaches: a signal interrupts the wait, and never the operation. */
#include "one_read.h"

#include <errno.h>

int one_read(struct io_uring *ring, int pipe, char *buf, unsigned len)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe *cqe;
    int result;

    io_uring_prep_read(sqe, pipe, buf, len, 0);
    result = io_uring_submit(ring);
    if (result < 0)
        return result;
    do {
        result = io_uring_wait_cqe(ring, &cqe);
    } while (result == -EINTR);
    if (result < 0)
        return result;
    result = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return result;
}
