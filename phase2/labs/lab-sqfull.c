/* lab-sqfull.c: a full submission ring, and its effect on a chain.
 * Introduced in phase 2. Needs: lab.h.
 *
 * What it teaches: io_uring_get_sqe returns NULL when the SQ is full, and a
 * program that does not check for NULL crashes. A submit makes room, because
 * the kernel copies what it needs from the SQEs. But a submit in the middle of
 * a chain ends the chain: the SQEs of the next submit do not wait for the SQEs
 * before them. So reserve room for the whole chain before you fill its first
 * SQE. */
#include <errno.h>
#include <unistd.h>

#include "lab.h"

enum { READ = 1, NOP = 2 };

/* Links a nop after a read of an empty pipe, with one submit for both, or with
 * two. Writes the byte for the read after the last submit. Returns the
 * user_data of the first completion. */
static int first_of_chain(struct io_uring *ring, int submits)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe *cqe;
    int fds[2], first = -1;
    char byte;

    lab_pipe(fds);
    io_uring_prep_read(sqe, fds[0], &byte, 1, -1);
    io_uring_sqe_set_data64(sqe, READ);
    sqe->flags |= IOSQE_IO_LINK;
    if (submits == 2)
        io_uring_submit(ring);
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, NOP);
    io_uring_submit(ring);
    if (write(fds[1], "x", 1) != 1)
        return -1;
    for (int i = 0; i < 2 && io_uring_wait_cqe(ring, &cqe) == 0; i++) {
        if (i == 0)
            first = (int)cqe->user_data;
        io_uring_cqe_seen(ring, cqe);
    }
    close(fds[0]);
    close(fds[1]);
    return first;
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    struct io_uring_sqe *sqe;
    int count = 0;
    int code = lab_options(argc, argv, "lab-sqfull",
                           "What happens when the submission ring is full?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_print("a ring of 4");
    for (; (sqe = io_uring_get_sqe(&ring)) != NULL; count++)
        io_uring_prep_nop(sqe);
    lab_result("entries before NULL", 4, count);
    lab_result("taken by one submit", 4, io_uring_submit(&ring));
    lab_result("room after it", 4, (int)io_uring_sq_space_left(&ring));
    io_uring_cq_advance(&ring, io_uring_cq_ready(&ring));
    lab_print("a chain: 1 a read of an empty pipe, 2 a nop linked after it");
    lab_result("first, submitted together", READ, first_of_chain(&ring, 1));
    lab_result("first, with a submit between", NOP, first_of_chain(&ring, 2));
    io_uring_queue_exit(&ring);
    return lab_end();
}
