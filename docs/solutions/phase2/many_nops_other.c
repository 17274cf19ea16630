/* many_nops: the same as many_nops.c, in another way: a function that returns
 * an SQE always, and one result for each SQE that it has to make room for. */
#include "many_nops.h"

static unsigned ended;

static int take_one(struct io_uring *ring, void (*done)(uint64_t number))
{
    struct io_uring_cqe *cqe;
    int rc = io_uring_wait_cqe(ring, &cqe);

    if (rc == 0) {
        done(cqe->user_data);
        io_uring_cqe_seen(ring, cqe);
        ended++;
    }
    return rc;
}

int many_nops(struct io_uring *ring, unsigned count,
              void (*done)(uint64_t number))
{
    int rc = 0;

    ended = 0;
    for (unsigned i = 0; i < count && rc >= 0; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        if (sqe == NULL) {
            rc = io_uring_submit(ring);
            while (rc >= 0 && ended < i)
                rc = take_one(ring, done);
            sqe = io_uring_get_sqe(ring);
        }
        io_uring_prep_nop(sqe);
        io_uring_sqe_set_data64(sqe, i);
    }
    if (rc >= 0)
        rc = io_uring_submit(ring);
    while (rc >= 0 && ended < count)
        rc = take_one(ring, done);
    return rc < 0 ? rc : 0;
}
