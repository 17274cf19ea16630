/* accept_all: arm once, complete many times, and arm again.
 *
 * What it teaches: only F_MORE shows whether the request is alive. Neither the
 * result nor the number of results does. */
#include "accept_all.h"

#include <errno.h>
#include <stdbool.h>

enum { ACCEPT = 1, CANCEL = 2 };

/* Must not be called while an accept is armed: both would take clients. */
static void arm(struct io_uring *ring, int listener)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data64(sqe, ACCEPT);
}

/* The accept may still have results before its last one. */
static void request_cancel(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_cancel64(sqe, ACCEPT, 0);
    io_uring_sqe_set_data64(sqe, CANCEL);
}

int accept_all(struct io_uring *ring, int listener, unsigned count,
               void (*use)(int connection))
{
    bool is_armed = false, is_cancelling = false;
    unsigned got = 0;
    int failure = 0;

    while (got < count || is_armed || is_cancelling) {
        struct io_uring_cqe *cqe;
        int rc;

        if (!is_armed && got < count && failure == 0) {
            arm(ring, listener);
            is_armed = true;
        } else if (is_armed && !is_cancelling && got == count) {
            request_cancel(ring);
            is_cancelling = true;
        } else if (!is_armed && !is_cancelling) {
            break; /* the accept failed */
        }
        rc = io_uring_submit(ring);
        if (rc >= 0)
            rc = io_uring_wait_cqe(ring, &cqe);
        if (rc < 0)
            return rc;
        if (cqe->user_data == CANCEL) {
            is_cancelling = false;
        } else {
            is_armed = cqe->flags & IORING_CQE_F_MORE;
            if (cqe->res >= 0) {
                use(cqe->res);
                got++;
            } else if (cqe->res != -ECANCELED) {
                failure = cqe->res;
            }
        }
        io_uring_cqe_seen(ring, cqe);
    }
    return failure;
}
