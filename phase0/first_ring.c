/* first_ring.c: the smallest possible use of io_uring; see first_ring.h.
 *
 * This calls liburing directly, as every tutorial does. It makes a ring, fills
 * in an entry, submits it, waits for it, and reads the result. Phase 1 shows
 * what happens inside each of these calls. */
#include "first_ring.h"

#include <liburing.h>

int first_ring(void)
{
    struct io_uring ring;
    struct io_uring_sqe *sqe;
    struct io_uring_cqe *cqe;
    int result = io_uring_queue_init(32, &ring, 0);

    if (result < 0)
        return result; /* -errno; errno itself is not set */

    sqe = io_uring_get_sqe(&ring); /* a new ring has 32 free entries */
    io_uring_prep_nop(sqe);
    result = io_uring_submit(&ring);
    if (result >= 0)
        result = io_uring_wait_cqe(&ring, &cqe);
    if (result == 0) {
        result = cqe->res; /* the result of the operation */
        io_uring_cqe_seen(&ring, cqe);
    }
    io_uring_queue_exit(&ring);
    return result;
}
