/* accept_all: the same as accept_all.c, in another way: a loop per accept, and
 * at the end a cancel that is itself a call (Linux 6.0). */
#include "accept_all.h"

#include <errno.h>

int accept_all(struct io_uring *ring, int listener, unsigned count,
               void (*use)(int connection))
{
    unsigned flags = 0;

    while (count > 0) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, 0);
        io_uring_sqe_set_data64(sqe, 77);
        io_uring_submit(ring);
        do {
            struct io_uring_cqe *cqe;
            int res;

            if (io_uring_wait_cqe(ring, &cqe) != 0)
                continue;
            res = cqe->res;
            flags = cqe->flags;
            io_uring_cqe_seen(ring, cqe);
            if (res < 0)
                return res;
            use(res);
            count--;
        } while ((flags & IORING_CQE_F_MORE) && count > 0);
    }
    if (flags & IORING_CQE_F_MORE) {
        struct io_uring_sync_cancel_reg cancel = {
            .addr = 77, .fd = -1, .timeout = {-1, -1},
        };
        struct io_uring_cqe *cqe;

        (void)io_uring_register_sync_cancel(ring, &cancel);
        io_uring_wait_cqe(ring, &cqe);
        io_uring_cqe_seen(ring, cqe);
    }
    return 0;
}
