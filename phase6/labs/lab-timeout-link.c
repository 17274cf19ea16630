/* lab-timeout-link.c: a timeout in front of another operation.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: a TIMEOUT that expires returns -ETIME, which is an error, so
 * it breaks a link. A pause between two operations needs one of two flags:
 *
 *      timeout --link--> nop                    the nop is cancelled
 *      timeout --link--> nop, ETIME_SUCCESS     the nop runs (5.16)
 *      timeout --hard link--> nop               the nop runs
 *
 * ETIME_SUCCESS does not change the result: it is -ETIME in all three. With a
 * link, an error other than -ETIME still breaks the chain, for example if the
 * timeout is cancelled. A hard link does not break in that case, either. */
#include <errno.h>

#include "lab.h"

enum { TIMEOUT = 1, NOP = 2, CANCEL = 3 };

/* Submits a timeout and a nop. The timeout expires, or is cancelled. */
static void pause_before_nop(struct io_uring *ring, unsigned link,
                             unsigned flags, bool is_cancelled, int expected)
{
    struct __kernel_timespec time = {.tv_sec = is_cancelled ? 3600 : 0,
                                     .tv_nsec = 1000000};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqes[3];
    unsigned count = is_cancelled ? 3 : 2;

    io_uring_prep_timeout(sqe, &time, 0, flags);
    io_uring_sqe_set_data64(sqe, TIMEOUT);
    sqe->flags |= link;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, NOP);
    if (is_cancelled) {
        sqe = io_uring_get_sqe(ring);
        io_uring_prep_cancel64(sqe, TIMEOUT, 0);
        io_uring_sqe_set_data64(sqe, CANCEL);
    }
    lab_take(ring, cqes, count);
    lab_result("the timeout", is_cancelled ? -ECANCELED : -ETIME,
               lab_res(cqes, count, TIMEOUT));
    lab_result("the nop behind it", expected, lab_res(cqes, count, NOP));
}

int main(int argc, char **argv)
{
    const unsigned success = IORING_TIMEOUT_ETIME_SUCCESS;
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-timeout-link",
                           "What does an expired timeout do to a link?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_print("a link, the timeout expires");
    pause_before_nop(&ring, IOSQE_IO_LINK, 0, false, -ECANCELED);
    lab_print("a link and ETIME_SUCCESS, the timeout expires");
    pause_before_nop(&ring, IOSQE_IO_LINK, success, false, 0);
    lab_print("a link and ETIME_SUCCESS, the timeout is cancelled");
    pause_before_nop(&ring, IOSQE_IO_LINK, success, true, -ECANCELED);
    lab_print("a hard link, the timeout expires");
    pause_before_nop(&ring, IOSQE_IO_HARDLINK, 0, false, 0);
    lab_print("a hard link, the timeout is cancelled");
    pause_before_nop(&ring, IOSQE_IO_HARDLINK, 0, true, 0);
    io_uring_queue_exit(&ring);
    return lab_end();
}
