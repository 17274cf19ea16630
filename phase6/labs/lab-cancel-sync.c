/* lab-cancel-sync.c: a cancel that returns when the operations have ended.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: IORING_REGISTER_SYNC_CANCEL (6.0) is a system call that
 * cancels like an SQE, and then waits for the operations to end. It takes no
 * SQE and posts no CQE. It suits the end of a program: before a program frees a
 * buffer or unmaps memory, no operation may use it.
 *
 *      Returns 0         the operation has ended
 *              > 0       the number of operations that have ended, with ALL
 *              -ENOENT   nothing matches (0 with ALL)
 *              -ETIME    an operation has not ended in time; it still may, so
 *                        repeat the call (lab-drain.c shows why)
 *
 * The cancelled operations still post their CQEs. The call blocks the thread,
 * so a program with an event loop uses the SQE. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "lab.h"

enum { POLL = 1, OPEN = 2, POLLS = 3 };

/* Cancels by user_data, or by fd if flags contain FD. Waits at most 10 s. */
static int cancel(struct io_uring *ring, unsigned data, int fd, unsigned flags)
{
    struct io_uring_sync_cancel_reg request = {
        .addr = data,
        .fd = fd,
        .flags = flags,
        .timeout = {.tv_sec = 10},
    };

    return io_uring_register_sync_cancel(ring, &request);
}

/* Returns the number of CQEs that are ready, without waiting for one. */
static int take_ready(struct io_uring *ring)
{
    int count;

    io_uring_get_events(ring);
    count = (int)io_uring_cq_ready(ring);
    io_uring_cq_advance(ring, (unsigned)count);
    return count;
}

static void cancel_polls(struct io_uring *ring, int fd)
{
    const unsigned all_of_fd = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ALL;

    lab_print("three polls of an empty pipe");
    for (int i = 0; i < POLLS; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_poll_add(sqe, fd, POLLIN);
        io_uring_sqe_set_data64(sqe, POLL);
    }
    io_uring_submit(ring);
    lab_result("by user_data", 0, cancel(ring, POLL, -1, 0));
    lab_result("CQEs that are ready", 1, take_ready(ring));
    lab_result("by FD, ALL", 2, cancel(ring, 0, fd, all_of_fd));
    lab_result("CQEs that are ready", 2, take_ready(ring));
    lab_result("by FD, ALL, again", 0, cancel(ring, 0, fd, all_of_fd));
}

/* The call waits for an io-wq worker that it has to interrupt. */
static void cancel_open(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    char path[LAB_PATH_LEN];

    lab_fifo(path);
    lab_print("the open of a FIFO, in an io-wq worker");
    io_uring_prep_openat(sqe, AT_FDCWD, path, O_RDONLY, 0);
    io_uring_sqe_set_data64(sqe, OPEN);
    sqe->flags |= IOSQE_ASYNC;
    io_uring_submit(ring);
    lab_result("by user_data", 0, cancel(ring, OPEN, -1, 0));
    lab_result("CQEs that are ready", 1, take_ready(ring));
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fds[2], rc;
    int code = lab_options(argc, argv, "lab-cancel-sync",
                           "What does a synchronous cancel wait for?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_pipe(fds);
    rc = cancel(&ring, POLL, -1, 0);
    if (rc == -EINVAL) {
        lab_absent("the call", "the kernel does not have it (6.0)");
        return lab_end();
    }
    lab_print("no operation is in flight");
    lab_result("by user_data", -ENOENT, rc);
    cancel_polls(&ring, fds[0]);
    cancel_open(&ring);
    io_uring_queue_exit(&ring);
    return lab_end();
}
