/* lab-epoll.c: an epoll instance that a ring serves.
 * Introduced in phase 8. Needs: lab.h, probe.h, tcp.h, uring_buffers.h.
 *
 * What it teaches: a program that is built on epoll can move to a ring step by
 * step. EPOLL_CTL (5.6) changes the set of descriptors. EPOLL_WAIT (6.15) waits
 * for an event of the set, so one wait of the ring also serves the old code:
 *
 *      old code:  fd 7, fd 8 --> epoll --EPOLL_WAIT--+
 *                                                    +--> ring: one wait
 *      new code:  RECV, SEND, ACCEPT ----------------+
 *
 * Before 6.15, a POLL_ADD of the epoll descriptor does the same, and
 * epoll_wait(2) must follow it. */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lab.h"
#include "probe.h"
#include "tcp.h"
#include "uring_buffers.h"

enum { WAIT = 1, OTHER = 2, EVENTS_MAX = 4 };

static struct epoll_event events[EVENTS_MAX];

static int control(struct io_uring *ring, int epoll, int op, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;

    io_uring_prep_epoll_ctl(sqe, epoll, fd, op, &event);
    lab_take(ring, &cqe, 1);
    return cqe.res;
}

/* Waits for events while another operation completes. */
static void wait_for_both(struct io_uring *ring, int epoll, const int fds[2])
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqes[2];

    ur_prep_epoll_wait(sqe, epoll, events, EVENTS_MAX);
    io_uring_sqe_set_data64(sqe, WAIT);
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, OTHER);
    lab_take(ring, &cqes[0], 1);
    lab_truth("the nop is first: the wait blocks no other operation", true,
              cqes[0].user_data == OTHER);
    if (write(fds[0], "x", 1) != 1)
        return;
    lab_take(ring, &cqes[1], 1);
    lab_result("EPOLL_WAIT", 1, cqes[1].res);
    lab_truth("the event is of the socket", true,
              events[0].data.fd == fds[1] && events[0].events == EPOLLIN);
}

static void poll_epoll(struct io_uring *ring, int epoll)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;

    io_uring_prep_poll_add(sqe, epoll, POLLIN);
    lab_take(ring, &cqe, 1);
    lab_result("POLL_ADD of the epoll descriptor", POLLIN, cqe.res);
    lab_result("epoll_wait(2) after it", 1,
               epoll_wait(epoll, events, EVENTS_MAX, 0));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fds[2], epoll = epoll_create1(EPOLL_CLOEXEC);
    int code = lab_options(argc, argv, "lab-epoll",
                           "Can one wait serve a ring and an epoll instance?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    tcp_pair(fds);
    lab_print("EPOLL_CTL");
    lab_result("adding a socket", 0,
               control(&ring, epoll, EPOLL_CTL_ADD, fds[1]));
    lab_result("adding it again", -EEXIST,
               control(&ring, epoll, EPOLL_CTL_ADD, fds[1]));
    if (probe_missing_op(UR_OP_EPOLL_WAIT) != NULL) {
        lab_absent("EPOLL_WAIT", "the kernel has none (6.15)");
        return lab_end();
    }
    lab_print("EPOLL_WAIT, and a nop");
    wait_for_both(&ring, epoll, fds);
    lab_print("the way before 6.15");
    poll_epoll(&ring, epoll);
    lab_result("removing the socket", 0,
               control(&ring, epoll, EPOLL_CTL_DEL, fds[1]));
    io_uring_queue_exit(&ring);
    return lab_end();
}
