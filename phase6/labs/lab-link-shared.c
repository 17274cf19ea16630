/* lab-link-shared.c: a linked timeout finds its operation by user_data.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: a LINK_TIMEOUT that expires does not cancel the SQE in front
 * of it. It cancels an operation with the same user_data as that SQE. If
 * several operations in flight share this user_data, the kernel may cancel
 * another one. The operation with the limit then stays in flight, without a
 * limit:
 *
 *      receive   user_data 1   no limit
 *      receive   user_data 1   limit 10 ms     is never cancelled
 *      receive   user_data 1   no limit        is cancelled (on 6.18)
 *
 * The kernel takes the operation that it finds first: the newest or the oldest,
 * but not the one in the middle. lib/task/handle.h gives each operation in
 * flight its own user_data. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"

enum { RECEIVE = 1, TIMEOUT = 2 };

/* Prepares a receive, with a limit of 10 ms or without a limit. */
static void prepare(struct io_uring *ring, int fd, char *buf, bool is_limited)
{
    static struct __kernel_timespec limit = {.tv_nsec = 10000000};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_recv(sqe, fd, buf, 1, 0);
    io_uring_sqe_set_data64(sqe, RECEIVE);
    if (!is_limited)
        return;
    sqe->flags |= IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_link_timeout(sqe, &limit, 0);
    io_uring_sqe_set_data64(sqe, TIMEOUT);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    struct io_uring_cqe cqes[2];
    int pair[2];
    char first, second, third;
    int code = lab_options(argc, argv, "lab-link-shared",
                           "Which operation does a linked timeout cancel?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_sockets(pair);
    lab_print("three receives with user_data 1, the second has a limit");
    prepare(&ring, pair[1], &first, false);
    prepare(&ring, pair[0], &second, true);
    prepare(&ring, pair[1], &third, false);
    lab_take(&ring, cqes, 2);
    lab_result("the timeout", -ETIME, lab_res(cqes, 2, TIMEOUT));
    lab_result("a receive", -ECANCELED, lab_res(cqes, 2, RECEIVE));
    lab_print("a byte arrives for the second receive");
    if (write(pair[1], "x", 1) != 1)
        return LAB_USAGE;
    lab_take(&ring, cqes, 1);
    lab_result("a receive", 1, cqes[0].res);
    lab_truth("the byte is in the second buffer", true, second == 'x');
    shutdown(pair[0], SHUT_WR); /* ends the receive that is left */
    lab_take(&ring, cqes, 1);
    io_uring_queue_exit(&ring);
    return lab_end();
}
