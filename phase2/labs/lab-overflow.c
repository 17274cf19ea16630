/* lab-overflow.c: more completions than the CQ has room for.
 * Introduced in phase 2. Needs: lab.h.
 *
 * What it teaches: the kernel does not drop completions (FEAT_NODROP, Linux
 * 5.5). If the CQ is full, the kernel stores further completions in its own
 * memory and sets a flag. When the program enters the kernel and the CQ has
 * room, the kernel moves them to the CQ. Do not rely on this: limit the
 * operations in flight, make the CQ large enough for them, and count the
 * overflows.
 *
 * But a multishot operation ends if it cannot post its next completion. Its
 * last completion looks like the others, with res > 0 and no error; only
 * IORING_CQE_F_MORE is missing. A program that checks only res waits forever
 * for the next event. */
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lab.h"

enum { CQ = 4, EVENTS = 10, WATCH = 77 };

/* Takes all completions, including those stored in the kernel. Returns their
 * number. */
static int drain(struct io_uring *ring, bool *is_in_order)
{
    struct io_uring_cqe *cqe;
    int count = 0;

    *is_in_order = true;
    /* peek enters the kernel itself if the overflow flag is set. */
    while (io_uring_peek_cqe(ring, &cqe) == 0) {
        *is_in_order &= cqe->user_data == (unsigned)count;
        io_uring_cqe_seen(ring, cqe);
        count++;
    }
    return count;
}

static void single_shots(struct io_uring *ring)
{
    bool is_in_order;
    int taken = 0;

    lab_print("10 nops through a CQ of 4");
    for (unsigned i = 0; i < EVENTS; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_nop(sqe);
        io_uring_sqe_set_data64(sqe, i);
        taken += io_uring_submit(ring);
    }
    lab_result("taken by the submits", EVENTS, taken);
    lab_result("in the CQ", CQ, (int)io_uring_cq_ready(ring));
    lab_truth("the overflow flag is set", true, io_uring_cq_has_overflow(ring));
    lab_result("drained", EVENTS, drain(ring, &is_in_order));
    lab_truth("in order", true, is_in_order);
    lab_truth("the overflow flag is set afterwards", false,
              io_uring_cq_has_overflow(ring));
}

/* Sends the events and takes the completions. Returns their number, and stores
 * res and F_MORE of the last one. */
static int watch(struct io_uring *ring, int event, int *res, bool *more)
{
    struct io_uring_cqe *cqe;
    int count = 0;

    for (int i = 0; i < EVENTS; i++)
        eventfd_write(event, 1);
    while (io_uring_peek_cqe(ring, &cqe) == 0) {
        *res = cqe->res;
        *more = (cqe->flags & IORING_CQE_F_MORE) != 0;
        io_uring_cqe_seen(ring, cqe);
        count++;
    }
    return count;
}

static void multishot(struct io_uring *ring)
{
    int event = eventfd(0, EFD_CLOEXEC), res = 0;
    bool more = true;
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    lab_print("a multishot poll, and 10 events before any is taken");
    io_uring_prep_poll_multishot(sqe, event, POLLIN);
    io_uring_sqe_set_data64(sqe, WATCH);
    io_uring_submit(ring);
    lab_result("completions", CQ + 1, watch(ring, event, &res, &more));
    lab_result("res of the last", POLLIN, res);
    lab_truth("F_MORE of the last", false, more);
    lab_result("completions for 10 further events", 0,
               watch(ring, event, &res, &more));
    close(event);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-overflow",
                           "What happens when the CQ overflows?");

    if (code != -1)
        return code;
    /* The SQ must be as small as the CQ, because the kernel does not accept a
     * CQ that is smaller than the SQ. */
    if (lab_ring(&ring, CQ, CQ, 0) < 0)
        return LAB_USAGE;
    single_shots(&ring);
    multishot(&ring);
    io_uring_queue_exit(&ring);
    return lab_end();
}
