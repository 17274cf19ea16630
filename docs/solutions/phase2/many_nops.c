/* many_nops: a submission queue that is full.
 *
 * What it teaches: NULL from io_uring_get_sqe is not an error. It means that
 * it is time to submit. */
#include "many_nops.h"

int many_nops(struct io_uring *ring, unsigned count,
              void (*done)(uint64_t number))
{
    unsigned begun = 0, ended = 0;

    while (ended < count) {
        struct io_uring_sqe *sqe;
        struct io_uring_cqe *cqe;
        int rc;

        while (begun < count && (sqe = io_uring_get_sqe(ring)) != NULL) {
            io_uring_prep_nop(sqe);
            io_uring_sqe_set_data64(sqe, begun++);
        }
        rc = io_uring_submit_and_wait(ring, 1);
        if (rc < 0)
            return rc;
        while (io_uring_peek_cqe(ring, &cqe) == 0) {
            done(cqe->user_data);
            io_uring_cqe_seen(ring, cqe);
            ended++;
        }
    }
    return 0;
}
