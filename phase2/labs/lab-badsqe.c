/* lab-badsqe.c: the effect of a bad SQE on the SQEs after it.
 * Introduced in phase 2. Needs: lab.h.
 *
 * What it teaches: io_uring_submit may submit fewer SQEs than were queued. If
 * the kernel cannot accept an SQE, it completes that SQE with an error and
 * stops. The others stay in the ring until the next submit. A program that
 * waits for their completions before the next submit waits forever. With
 * SUBMIT_ALL the kernel continues, and only the bad SQE fails. */
#include <errno.h>

#include "lab.h"

enum { BAD_OPCODE = 255 };

static int experiment(const char *name, unsigned flags, int first, int second)
{
    struct io_uring ring;

    if (lab_ring(&ring, 4, 0, flags) < 0)
        return -1;
    lab_print(name);
    for (unsigned i = 0; i < 3; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

        io_uring_prep_nop(sqe);
        io_uring_sqe_set_data64(sqe, i);
        if (i == 0)
            sqe->opcode = BAD_OPCODE;
    }
    lab_result("taken by the first submit", first, io_uring_submit(&ring));
    lab_result("completions", first, (int)io_uring_cq_ready(&ring));
    lab_result("taken by the second submit", second, io_uring_submit(&ring));
    lab_result("completions", 3, (int)io_uring_cq_ready(&ring));
    for (unsigned i = 0; i < 3; i++) {
        struct io_uring_cqe *cqe;

        if (io_uring_wait_cqe(&ring, &cqe) < 0)
            return -1;
        if (cqe->user_data == 0)
            lab_result("the bad entry", -EINVAL, cqe->res);
        io_uring_cqe_seen(&ring, cqe);
    }
    io_uring_queue_exit(&ring);
    return 0;
}

int main(int argc, char **argv)
{
    int code = lab_options(argc, argv, "lab-badsqe",
                           "What does one bad entry do to a batch?");

    if (code != -1)
        return code;
    if (experiment("a bad entry and two nops, plain ring", 0, 1, 2) < 0 ||
        experiment("the same with SUBMIT_ALL", IORING_SETUP_SUBMIT_ALL, 3,
                   0) < 0)
        return LAB_USAGE;
    return lab_end();
}
