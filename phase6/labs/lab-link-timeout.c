/* lab-link-timeout.c: a time limit for one operation, linked behind it.
 * Introduced in phase 6. Needs: lab.h, sys.h.
 *
 * What it teaches: a LINK_TIMEOUT behind an operation cancels the operation
 * when its time is over. Both operations always complete. The order of their
 * CQEs depends on which of them ends first:
 *
 *      the operation   LINK_TIMEOUT
 *      its result      -ECANCELED    it ended in time; its CQE is the first
 *      its result      -ENOENT       both ended at the same moment
 *      -ECANCELED      -ETIME        it was cancelled; its CQE is the second
 *
 * Only the operation's own result shows whether it was cancelled. The kernel
 * owns the buffer until the operation's CQE, and copies the timespec at submit
 * (IORING_FEAT_SUBMIT_STABLE). */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"

enum { RECEIVE = 1, TIMEOUT = 2, ROUNDS = 2000, RACE_US = 100 };

/* Submits a receive with a limit of less than a second. */
static void submit_receive(struct io_uring *ring, int fd, char *buf,
                           unsigned limit_us)
{
    struct __kernel_timespec limit = {.tv_nsec = limit_us * 1000};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_recv(sqe, fd, buf, 16, 0);
    io_uring_sqe_set_data64(sqe, RECEIVE);
    sqe->flags |= IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_link_timeout(sqe, &limit, 0);
    io_uring_sqe_set_data64(sqe, TIMEOUT);
    io_uring_submit(ring);
}

static void limit_once(struct io_uring *ring, const int pair[2], bool in_time)
{
    struct io_uring_cqe cqes[2];
    char buf[16];

    if (in_time && write(pair[1], "x", 1) != 1)
        return;
    submit_receive(ring, pair[0], buf, 10000);
    lab_take(ring, cqes, 2);
    lab_result("the receive", in_time ? 1 : -ECANCELED,
               lab_res(cqes, 2, RECEIVE));
    lab_result("the timeout", in_time ? -ECANCELED : -ETIME,
               lab_res(cqes, 2, TIMEOUT));
    lab_truth("the receive's CQE is the first", in_time,
              cqes[0].user_data == RECEIVE);
}

/* Lets the data and the end of the limit arrive at nearly the same time. The
 * data is early in some rounds and late in others, so each side wins often. */
static void race(struct io_uring *ring, const int pair[2])
{
    int sent = 0, received = 0, left = 0, odd = 0, in_time = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t send_ns = sys_now_ns() + i % 128 * 2000;
        struct io_uring_cqe cqes[2];
        char buf[16];
        int got, rest;

        submit_receive(ring, pair[0], buf, RACE_US);
        while (sys_now_ns() < send_ns)
            ;
        sent += (int)write(pair[1], "abc", 3);
        lab_take(ring, cqes, 2);
        got = lab_res(cqes, 2, RECEIVE);
        rest = (int)recv(pair[0], buf, sizeof buf, MSG_DONTWAIT);
        received += got > 0 ? got : 0;
        left += rest > 0 ? rest : 0;
        odd += got != 3 && (got != -ECANCELED || rest != 3);
        in_time += cqes[0].user_data == RECEIVE;
    }
    lab_truth("each side won", true, in_time > 0 && in_time < ROUNDS);
    lab_result("rounds with both results, or neither", 0, odd);
    lab_result("bytes lost", 0, sent - received - left);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int pair[2];
    int code = lab_options(argc, argv, "lab-link-timeout",
                           "How does a linked timeout end an operation?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_sockets(pair);
    lab_print("a byte has arrived, the limit is 10 ms");
    limit_once(&ring, pair, true);
    lab_print("no byte within 10 ms");
    limit_once(&ring, pair, false);
    lab_print("2000 races of 3 bytes against a limit of 100 us");
    race(&ring, pair);
    io_uring_queue_exit(&ring);
    return lab_end();
}
