/* one_read: the same as one_read.c, in another way: every call submits what is
 * left and waits, until a look at the CQ finds the result. */
#include "one_read.h"

#include <errno.h>

int one_read(struct io_uring *ring, int pipe, char *buf, unsigned len)
{
    struct io_uring_cqe *cqe;
    int result;

    io_uring_prep_read(io_uring_get_sqe(ring), pipe, buf, len, 0);
    while (io_uring_peek_cqe(ring, &cqe) != 0) {
        result = io_uring_submit_and_wait(ring, 1);
        if (result < 0 && result != -EINTR)
            return result;
    }
    result = cqe->res;
    io_uring_cq_advance(ring, 1);
    return result;
}
