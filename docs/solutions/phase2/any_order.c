/* any_order: many reads in flight, and results in any order.
 *
 * What it teaches: user_data is the only link from a CQE to its request. */
#include "any_order.h"

int read_each(struct io_uring *ring, const int *fds,
              char (*bufs)[ANY_ORDER_LEN], int *results, unsigned count)
{
    struct io_uring_cqe *cqe;
    int rc;

    for (unsigned i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_read(sqe, fds[i], bufs[i], ANY_ORDER_LEN, 0);
        io_uring_sqe_set_data64(sqe, i);
    }
    rc = io_uring_submit(ring);
    for (unsigned left = count; rc >= 0 && left > 0; left--) {
        rc = io_uring_wait_cqe(ring, &cqe);
        if (rc < 0)
            break;
        results[cqe->user_data] = cqe->res;
        io_uring_cqe_seen(ring, cqe);
    }
    return rc < 0 ? rc : 0;
}
