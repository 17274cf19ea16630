/* lab-update.c: changing the time of a timeout that is in flight.
 * Introduced in phase 6. Needs: lab.h, uring_compat.h.
 *
 * What it teaches: an update SQE finds a timeout by its user_data, and gives it
 * a new time, which begins at the update:
 *
 *      a timeout             io_uring_prep_timeout_update(..., 0)
 *      a linked timeout      with IORING_LINK_TIMEOUT_UPDATE
 *      a multishot timeout   the new time is the interval
 *
 * So a server that moves the idle limit of a connection needs one SQE and one
 * CQE per move. The CQE of the update is 0, or -ENOENT if the timeout has
 * ended: an update may always come too late. */
#include <errno.h>
#include <poll.h>

#include "lab.h"
#include "uring_compat.h"

enum { POLL = 1, TIMEOUT = 2, UPDATE = 3, NONE = 4 };

/* An operation with this time is in flight until the update. */
static struct __kernel_timespec hour = {.tv_sec = 3600};
static struct __kernel_timespec soon = {.tv_nsec = 10000000};

/* Returns an SQE with this user_data, which liburing's prep functions keep. */
static struct io_uring_sqe *next(struct io_uring *ring, unsigned data)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_sqe_set_data64(sqe, data);
    return sqe;
}

/* Changes the time of a timeout, or of a timeout that is linked to a poll. The
 * linked one needs a flag, because it is on another list in the kernel. */
static void update_time(struct io_uring *ring, int fd, bool is_linked)
{
    struct io_uring_sqe *sqe = next(ring, is_linked ? POLL : TIMEOUT);
    struct io_uring_cqe cqes[3];
    unsigned count = is_linked ? 3 : 2;

    if (is_linked) {
        io_uring_prep_poll_add(sqe, fd, POLLIN);
        sqe->flags |= IOSQE_IO_LINK;
        io_uring_prep_link_timeout(next(ring, TIMEOUT), &hour, 0);
    } else {
        io_uring_prep_timeout(sqe, &hour, 0, 0);
    }
    io_uring_submit(ring);
    io_uring_prep_timeout_update(next(ring, UPDATE), &soon, TIMEOUT,
                                 is_linked ? IORING_LINK_TIMEOUT_UPDATE : 0);
    lab_take(ring, cqes, count);
    lab_result("an update to 10 ms", 0, lab_res(cqes, count, UPDATE));
    lab_result("the timeout", -ETIME, lab_res(cqes, count, TIMEOUT));
    if (is_linked)
        lab_result("the poll", -ECANCELED, lab_res(cqes, count, POLL));
}

static void update_interval(struct io_uring *ring)
{
    struct __kernel_timespec second = {.tv_sec = 1};
    struct io_uring_cqe cqes[2], *cqe;

    io_uring_prep_timeout(next(ring, TIMEOUT), &hour, 0, UR_TIMEOUT_MULTISHOT);
    io_uring_submit(ring);
    /* An update with a flag that the kernel does not know fails in the
     * submit. */
    if (io_uring_peek_cqe(ring, &cqe) == 0) {
        lab_absent("a multishot timeout", "the kernel has none (6.4)");
        return;
    }
    io_uring_prep_timeout_update(next(ring, UPDATE), &soon, TIMEOUT, 0);
    lab_take(ring, cqes, 2);
    lab_result("an update to 10 ms", 0, lab_res(cqes, 2, UPDATE));
    lab_result("the first shot", -ETIME, lab_res(cqes, 2, TIMEOUT));
    lab_truth("F_MORE in one of the CQEs", true,
              ((cqes[0].flags | cqes[1].flags) & IORING_CQE_F_MORE) != 0);
    /* Kernels before 6.14 use the new time once, and then the old one. */
    if (io_uring_wait_cqe_timeout(ring, &cqe, &second) == 0)
        lab_truth("F_MORE in the CQE of the second shot", true,
                  (cqe->flags & IORING_CQE_F_MORE) != 0);
    else
        lab_absent("the second shot",
                   "the kernel has returned to the old interval");
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int pair[2];
    int code = lab_options(argc, argv, "lab-update",
                           "How does the time of a timeout change?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 8, 0, 0) < 0)
        return LAB_USAGE;
    lab_sockets(pair);
    io_uring_prep_timeout_update(next(&ring, UPDATE), &soon, NONE, 0);
    lab_result("an update of no timeout", -ENOENT, lab_run(&ring, UPDATE));
    lab_print("a timeout of one hour");
    update_time(&ring, pair[0], false);
    lab_print("a poll with a limit of one hour");
    update_time(&ring, pair[0], true);
    lab_print("a multishot timeout, every hour");
    update_interval(&ring);
    io_uring_queue_exit(&ring);
    return lab_end();
}
