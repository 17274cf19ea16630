/* first_ring.c: the smallest program with io_uring in it; see first_ring.h.
 *
 * Here liburing is called directly, as every tutorial does: a ring is made, an
 * entry is filled in, submitted, waited for, and its result looked at. Phase 1
 * opens each of these calls and shows what is inside. */
#include "first_ring.h"

#include <liburing.h>

int first_ring(void)
{
    struct io_uring ring;
    struct io_uring_sqe *sqe;
    struct io_uring_cqe *cqe;
    int result = io_uring_queue_init(32, &ring, 0);

    if (result < 0)
        return result; /* -errno, and errno is not set */

    sqe = io_uring_get_sqe(&ring); /* a new ring has 32 free ones */
    io_uring_prep_nop(sqe);
    result = io_uring_submit(&ring);
    if (result >= 0)
        result = io_uring_wait_cqe(&ring, &cqe);
    if (result == 0) {
        result = cqe->res; /* what the operation itself returned */
        io_uring_cqe_seen(&ring, cqe);
    }
    io_uring_queue_exit(&ring);
    return result;
}
