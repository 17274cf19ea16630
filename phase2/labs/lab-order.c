/* lab-order.c: completions come in the order in which operations end.
 * Introduced in phase 2. Needs: lab.h.
 *
 * What it teaches: the CQ does not mirror the SQ. The operation that was
 * submitted first may end last, or never. Only user_data, which we set,
 * identifies the operation of a completion. The kernel need not run operations
 * in the order of the SQ either, not even two writes to one descriptor. If the
 * order matters, wait for the first operation before you submit the second, or
 * link them. */
#include <unistd.h>

#include "lab.h"

enum { READ = 1, TIMER = 2, NOP = 3 };

/* Takes the next completion. Returns its user_data or -errno. */
static int next(struct io_uring *ring)
{
    struct io_uring_cqe *cqe;
    int data = io_uring_wait_cqe(ring, &cqe);

    if (data == 0) {
        data = (int)cqe->user_data;
        io_uring_cqe_seen(ring, cqe);
    }
    return data;
}

int main(int argc, char **argv)
{
    struct __kernel_timespec soon = {.tv_nsec = 10 * 1000 * 1000};
    struct io_uring ring;
    struct io_uring_sqe *sqe;
    int pipe_fds[2];
    char buf[16];
    int code = lab_options(argc, argv, "lab-order",
                           "In which order do completions come?");

    if (code != -1)
        return code;
    lab_pipe(pipe_fds);
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;

    lab_print("submitted together: 1 a read of an empty pipe, "
              "2 a timer of 10 ms, 3 a nop");
    sqe = io_uring_get_sqe(&ring);
    io_uring_prep_read(sqe, pipe_fds[0], buf, sizeof buf, -1);
    io_uring_sqe_set_data64(sqe, READ);
    sqe = io_uring_get_sqe(&ring);
    io_uring_prep_timeout(sqe, &soon, 0, 0);
    io_uring_sqe_set_data64(sqe, TIMER);
    sqe = io_uring_get_sqe(&ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, NOP);
    lab_result("taken by one submit", 3, io_uring_submit(&ring));

    lab_result("the first completion belongs to", NOP, next(&ring));
    lab_result("the second", TIMER, next(&ring));
    /* Without this byte the read never completes. */
    if (write(pipe_fds[1], "!", 1) != 1)
        return LAB_USAGE;
    lab_result("the third, after a write to the pipe", READ, next(&ring));
    io_uring_queue_exit(&ring);
    return lab_end();
}
