/* any_order: the same as any_order.c, in another way: user_data is the address
 * of the result, one call waits for all, and one step moves the head. */
#include "any_order.h"

#include <errno.h>

int read_each(struct io_uring *ring, const int *fds,
              char (*bufs)[ANY_ORDER_LEN], int *results, unsigned count)
{
    struct io_uring_cqe *cqe;
    unsigned head, seen = 0;
    int rc;

    for (unsigned i = count; i-- > 0;) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_read(sqe, fds[i], bufs[i], ANY_ORDER_LEN, 0);
        io_uring_sqe_set_data(sqe, &results[i]);
    }
    rc = io_uring_submit_and_wait(ring, count);
    if (rc < 0)
        return rc;
    io_uring_for_each_cqe(ring, head, cqe) {
        *(int *)io_uring_cqe_get_data(cqe) = cqe->res;
        seen++;
    }
    io_uring_cq_advance(ring, seen);
    return seen == count ? 0 : -EINTR;
}
