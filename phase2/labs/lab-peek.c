/* lab-peek.c: peek checks for a completion, and wait blocks until there
 * is one.
 * Introduced in phase 2. Needs: lab.h.
 *
 * What it teaches: io_uring_peek_cqe reads shared memory and returns
 * immediately; io_uring_wait_cqe enters the kernel and sleeps. A program that
 * has other work to do can peek. But a peek finds only completions that the
 * kernel has posted. By default the kernel interrupts the program to post them,
 * or posts them at the end of a system call. With DEFER_TASKRUN it posts them
 * only when the program calls io_uring_enter to get them. In that mode a loop
 * that only peeks never ends, although the result is ready. */
#include <errno.h>
#include <unistd.h>

#include "lab.h"

struct setup {
    const char *name;
    unsigned flags;
    int after_write; /* expected result of a peek after the write */
};

static int peek(struct io_uring *ring)
{
    struct io_uring_cqe *cqe;

    return io_uring_peek_cqe(ring, &cqe);
}

static int experiment(const struct setup *setup)
{
    struct io_uring ring;
    struct io_uring_sqe *sqe;
    struct io_uring_cqe *cqe;
    int pipe_fds[2];
    char buf[16];

    lab_pipe(pipe_fds);
    if (lab_ring(&ring, 4, 0, setup->flags) < 0)
        return -1;
    lab_print(setup->name);
    sqe = io_uring_get_sqe(&ring);
    io_uring_prep_read(sqe, pipe_fds[0], buf, sizeof buf, -1);
    io_uring_submit(&ring);
    lab_result("peek while the pipe is empty", -EAGAIN, peek(&ring));
    /* The program does other work, which here provides the data to read. */
    if (write(pipe_fds[1], "ring", 4) != 4)
        return -1;
    lab_result("peek after the write", setup->after_write, peek(&ring));
    if (setup->after_write == -EAGAIN) {
        io_uring_get_events(&ring);
        lab_result("peek after io_uring_get_events", 0, peek(&ring));
    }
    lab_result("wait", 0, io_uring_wait_cqe(&ring, &cqe));
    lab_result("the read", 4, cqe->res);
    io_uring_cqe_seen(&ring, cqe);
    io_uring_queue_exit(&ring);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    return 0;
}

int main(int argc, char **argv)
{
    const unsigned defer = IORING_SETUP_SINGLE_ISSUER |
                           IORING_SETUP_DEFER_TASKRUN;
    const struct setup setups[] = {
        {"a plain ring", 0, 0},
        {"DEFER_TASKRUN", defer, -EAGAIN},
        {"DEFER_TASKRUN and TASKRUN_FLAG, which tells liburing to enter",
         defer | IORING_SETUP_TASKRUN_FLAG, 0},
    };
    int code = lab_options(argc, argv, "lab-peek",
                           "When does a peek see a completion?");

    if (code != -1)
        return code;
    for (size_t i = 0; i < sizeof setups / sizeof *setups; i++)
        if (experiment(&setups[i]) < 0)
            return LAB_USAGE;
    return lab_end();
}
