/* lab-drain.c: an operation that waits for all earlier ones.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: an SQE with IOSQE_IO_DRAIN starts when every SQE that was
 * submitted before it has completed. SQEs after it wait for it:
 *
 *      1 read   2 nop   3 nop, DRAIN   4 nop        CQEs: 2, 1, 3, 4
 *
 * The flag prevents all overlap: one read without data holds up the whole ring.
 * In a server, an accept or a receive would do the same. A link orders a few
 * SQEs and leaves the others alone. A cancel that is submitted after the drain
 * waits, too. The synchronous cancel is not an SQE, so it can end the
 * operations that the drain waits for.
 *
 * After a drain, the kernel passes the next operations to io-wq workers. A
 * worker polls for the read, and has then nothing more to do with it. If the
 * synchronous cancel comes just before that, the kernel waits for the worker
 * and not for the read, without end (seen on 6.18). So give the cancel a time
 * limit, and repeat it after -ETIME. */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "lab.h"

enum { READ = 1, SECOND = 2, THIRD = 3, LAST = 4, LATER = 5, CANCEL = 6 };

/* Submits a read of an empty pipe and three nops. The third SQE has flags. */
static void submit_four(struct io_uring *ring, int fd, unsigned flags)
{
    static char byte;

    for (unsigned data = READ; data <= LAST; data++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        if (data == READ)
            io_uring_prep_read(sqe, fd, &byte, 1, -1);
        else
            io_uring_prep_nop(sqe);
        sqe->flags |= data == THIRD ? (uint8_t)flags : 0;
        io_uring_sqe_set_data64(sqe, data);
    }
    io_uring_submit(ring);
}

/* Predicts how many of five operations complete while the read waits, and the
 * order of all, as the digits of a number. */
static void complete_five(struct io_uring *ring, const int fds[2],
                          unsigned flags, int early, int order)
{
    struct io_uring_sqe *sqe;
    struct io_uring_cqe cqes[LATER];
    int seen = 0;

    submit_four(ring, fds[0], flags);
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, LATER);
    io_uring_submit(ring);
    lab_result("completions while the read waits", early,
               (int)io_uring_cq_ready(ring));
    if (write(fds[1], "x", 1) != 1)
        return;
    lab_take(ring, cqes, LATER);
    for (int i = 0; i < LATER; i++)
        seen = 10 * seen + (int)cqes[i].user_data;
    lab_result("the order of all five", order, seen);
}

static int cancel_read(struct io_uring *ring)
{
    struct io_uring_sync_cancel_reg request = {
        .addr = READ,
        .timeout = {.tv_nsec = 100000000},
    };
    int rc;

    do
        rc = io_uring_register_sync_cancel(ring, &request);
    while (rc == -ETIME);
    return rc;
}

static void end_drain(struct io_uring *ring, int fd)
{
    struct io_uring_sqe *sqe;
    struct io_uring_cqe cqes[4];

    submit_four(ring, fd, IOSQE_IO_DRAIN);
    lab_take(ring, cqes, 1);
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_cancel64(sqe, READ, 0);
    io_uring_sqe_set_data64(sqe, CANCEL);
    io_uring_submit(ring);
    lab_result("completions after the cancel", 0, (int)io_uring_cq_ready(ring));
    lab_result("a synchronous cancel", 0, cancel_read(ring));
    lab_take(ring, cqes, 4);
    lab_result("the read", -ECANCELED, lab_res(cqes, 4, READ));
    lab_result("the drained nop", 0, lab_res(cqes, 4, THIRD));
    lab_result("the cancel", -ENOENT, lab_res(cqes, 4, CANCEL));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fds[2];
    int code = lab_options(argc, argv, "lab-drain",
                           "What does a drain hold up, and for how long?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 8, 0, 0) < 0)
        return LAB_USAGE;
    lab_pipe(fds);
    lab_print("1 a read of an empty pipe, 2 to 5 nops");
    complete_five(&ring, fds, 0, 4, 23451);
    lab_print("1 a read of an empty pipe, 2 to 5 nops, 3 has DRAIN");
    complete_five(&ring, fds, IOSQE_IO_DRAIN, 1, 21345);
    lab_print("a cancel of the read, behind a drain");
    end_drain(&ring, fds[0]);
    io_uring_queue_exit(&ring);
    return lab_end();
}
