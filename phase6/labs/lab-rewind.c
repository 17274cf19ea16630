/* lab-rewind.c: each submit begins at the first SQE.
 * Introduced in phase 6. Needs: lab.h, uring_setup.h.
 *
 * What it teaches: an SQ is a ring, so even a program that submits one SQE at a
 * time uses all of its memory in turn. With SQ_REWIND (7.0) the kernel ignores
 * the head and the tail, and reads each batch from the first SQE on:
 *
 *      without   [ 1 2 3 . ]    three submits, three SQEs
 *      with      [ 3 . . . ]    three submits, always the first SQE
 *
 * So small batches use the same cache lines again. The flag needs NO_SQARRAY,
 * and excludes SQPOLL, since a polling thread finds work by the tail. */
#include <errno.h>

#include "lab.h"
#include "uring_setup.h"

enum { SQ = 4, SUBMITS = 3 };

/* Fills the first SQE, and submits one SQE without moving the tail. */
static int submit_first(struct io_uring *ring, unsigned data)
{
    struct io_uring_sqe *sqe = &ring->sq.sqes[0];

    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, data);
    return io_uring_enter((unsigned)ring->ring_fd, 1, 0, IORING_ENTER_GETEVENTS,
                          NULL);
}

int main(int argc, char **argv)
{
    struct io_uring_params plain_params = {0};
    struct io_uring_params params = {.flags = UR_SETUP_SQ_REWIND};
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-rewind",
                           "Can each submit begin at the first SQE?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, SQ, 0, 0) < 0)
        return LAB_USAGE;
    io_uring_queue_exit(&ring);
    if (ur_init(&ring, SQ, &plain_params) < 0) {
        lab_absent("NO_SQARRAY", "the kernel does not know it");
        return lab_end();
    }
    lab_print("a ring with NO_SQARRAY");
    lab_result("SQEs that a submit takes, if the tail stays", 0,
               submit_first(&ring, 1));
    io_uring_queue_exit(&ring);

    if (ur_init(&ring, SQ, &params) < 0) {
        lab_absent("SQ_REWIND", "the kernel does not know it");
        return lab_end();
    }
    lab_print("SQ_REWIND: the first SQE is submitted three times");
    for (unsigned i = 0; i < SUBMITS; i++) {
        lab_result("SQEs that a submit takes", 1, submit_first(&ring, i));
        lab_result("user_data", (int)i, (int)ring.cq.cqes[i].user_data);
    }
    io_uring_queue_exit(&ring);
    return lab_end();
}
