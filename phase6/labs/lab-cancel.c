/* lab-cancel.c: which operations a cancel finds.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: a cancel searches the operations in flight. Its flags decide
 * which operations match, and whether it stops at the first one:
 *
 *      flags           matches                  stops   result
 *      none            this user_data           yes     0, or -ENOENT
 *      ALL             this user_data           no      the number found
 *      FD              this descriptor          yes     0, or -ENOENT
 *      FD and ALL      this descriptor          no      the number found
 *      ANY             every operation          no      the number found
 *
 * A cancel has its own CQE, and each operation that it cancels has one with
 * -ECANCELED. The operation has ended when its own CQE arrives, and not before.
 * Only a cancel that stops at the first operation reports -ENOENT. The others
 * report 0 if they find nothing. */
#include <errno.h>
#include <poll.h>

#include "lab.h"

enum { ONE = 1, TWO = 2, THREE = 3, CANCEL = 9, CQES_MAX = 4 };

/* A cancel: the operations that it looks for, its result, and the number of
 * operations that it ends. */
struct search {
    const char *what;
    unsigned flags;
    int data;    /* or the pipe, with IORING_ASYNC_CANCEL_FD */
    int result;
    unsigned ended;
};

static const struct search searches[] = {
    {"user_data 3", 0, THREE, -ENOENT, 0},
    {"user_data 1", 0, ONE, 0, 1},
    {"user_data 1, ALL", IORING_ASYNC_CANCEL_ALL, ONE, 2, 2},
    {"user_data 1, ALL, again", IORING_ASYNC_CANCEL_ALL, ONE, 0, 0},
    {"FD of pipe 0", IORING_ASYNC_CANCEL_FD, 0, 0, 1},
    {"FD of pipe 0, ALL", IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ALL, 0,
     1, 1},
    {"FD of pipe 0, again", IORING_ASYNC_CANCEL_FD, 0, -ENOENT, 0},
    {"ANY", IORING_ASYNC_CANCEL_ANY, 0, 3, 3},
    {"ANY, again", IORING_ASYNC_CANCEL_ANY, 0, 0, 0},
};

/* Submits polls of an empty pipe, which stay in flight. */
static void poll_pipe(struct io_uring *ring, int fd, unsigned data, int count)
{
    for (int i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_poll_add(sqe, fd, POLLIN);
        io_uring_sqe_set_data64(sqe, data);
    }
    io_uring_submit(ring);
}

static void prepare_cancel(struct io_uring *ring, const struct search *search,
                           int pipes[2][2])
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_cancel64(sqe, (unsigned)search->data, (int)search->flags);
    if (search->flags & IORING_ASYNC_CANCEL_FD)
        sqe->fd = pipes[search->data][0];
    io_uring_sqe_set_data64(sqe, CANCEL);
}

static void cancel(struct io_uring *ring, const struct search *search,
                   int pipes[2][2])
{
    struct io_uring_cqe cqes[CQES_MAX];
    int ended = 0;

    prepare_cancel(ring, search, pipes);
    lab_take(ring, cqes, 1 + search->ended);
    for (unsigned i = 0; i <= search->ended; i++)
        ended += cqes[i].user_data != CANCEL && cqes[i].res == -ECANCELED;
    lab_print(search->what);
    lab_result("the cancel", search->result,
               lab_res(cqes, 1 + search->ended, CANCEL));
    lab_result("operations that end with -ECANCELED", (int)search->ended,
               ended);
}

int main(int argc, char **argv)
{
    const struct search any = {.flags = IORING_ASYNC_CANCEL_ANY};
    struct io_uring ring;
    int pipes[2][2];
    int code = lab_options(argc, argv, "lab-cancel",
                           "Which operations does a cancel find?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 8, 0, 0) < 0)
        return LAB_USAGE;
    lab_pipe(pipes[0]);
    lab_pipe(pipes[1]);
    prepare_cancel(&ring, &any, pipes);
    if (lab_run(&ring, CANCEL) == -EINVAL) {
        lab_absent("ALL, FD and ANY", "the kernel has no such flags (5.19)");
        return lab_end();
    }
    poll_pipe(&ring, pipes[0][0], ONE, 3);
    poll_pipe(&ring, pipes[0][0], TWO, 2);
    poll_pipe(&ring, pipes[1][0], TWO, 3);
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++)
        cancel(&ring, &searches[i], pipes);
    io_uring_queue_exit(&ring);
    return lab_end();
}
