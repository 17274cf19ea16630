/* lab-link-worker.c: a linked timeout and an operation in an io-wq worker.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: the open of a FIFO blocks until another process opens the
 * other end, so an io-wq worker runs it. The effect of a LINK_TIMEOUT depends
 * on the kernel:
 *
 *      before 6.15   The limit begins with the operation. At its end the kernel
 *                    interrupts the worker, but cannot wait for it: the timeout
 *                    completes with -EALREADY.
 *      since 6.15    The kernel starts a linked timeout when the operation has
 *                    been issued. A worker issues an operation by running it to
 *                    its end, so there is no limit. Stable kernels since 6.12
 *                    may have this change, too.
 *
 * So the lab waits for the limit first, and predicts afterwards. A program that
 * needs a limit here cancels the operation itself when the time is over. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lab.h"

enum { OPEN = 1, TIMEOUT = 2, CANCEL = 3, ERESTARTSYS = 512 };

static void submit_open(struct io_uring *ring, const char *path)
{
    struct __kernel_timespec limit = {.tv_nsec = 100000000};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_openat(sqe, AT_FDCWD, path, O_RDONLY, 0);
    io_uring_sqe_set_data64(sqe, OPEN);
    sqe->flags |= IOSQE_ASYNC | IOSQE_IO_LINK;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_link_timeout(sqe, &limit, 0);
    io_uring_sqe_set_data64(sqe, TIMEOUT);
    io_uring_submit(ring);
}

/* Returns true if the limit ends the open within one second. */
static bool is_limited(struct io_uring *ring)
{
    struct __kernel_timespec second = {.tv_sec = 1};
    struct io_uring_cqe *cqe;

    return io_uring_wait_cqe_timeout(ring, &cqe, &second) == 0;
}

static void open_fifo(struct io_uring *ring, const char *path)
{
    struct io_uring_cqe cqes[3];
    int opened;

    submit_open(ring, path);
    if (is_limited(ring)) {
        lab_take(ring, cqes, 2);
        opened = lab_res(cqes, 2, OPEN);
        if (opened == -ECANCELED) {
            lab_absent("a limit", "no io-wq worker began to open the FIFO");
            return;
        }
        lab_print("after one second the limit has interrupted the open");
        lab_result("the timeout", -EALREADY, lab_res(cqes, 2, TIMEOUT));
    } else {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        lab_print("after one second the open is still in flight: cancel it");
        io_uring_prep_cancel64(sqe, OPEN, 0);
        io_uring_sqe_set_data64(sqe, CANCEL);
        lab_take(ring, cqes, 3);
        opened = lab_res(cqes, 3, OPEN);
        lab_result("the cancel", -EALREADY, lab_res(cqes, 3, CANCEL));
        lab_result("the timeout", -ECANCELED, lab_res(cqes, 3, TIMEOUT));
    }
    lab_truth("the open was interrupted", true,
              opened == -EINTR || opened == -ERESTARTSYS);
}

int main(int argc, char **argv)
{
    char path[LAB_PATH_LEN];
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-link-worker",
                           "Does a linked timeout limit an io-wq worker?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_fifo(path);
    open_fifo(&ring, path);
    (void)unlink(path);
    io_uring_queue_exit(&ring);
    return lab_end();
}
