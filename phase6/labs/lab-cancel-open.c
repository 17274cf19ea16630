/* lab-cancel-open.c: a cancelled open may still return a descriptor.
 * Introduced in phase 6. Needs: lab.h, sys.h.
 *
 * What it teaches: an io-wq worker opens a FIFO, and blocks until a writer
 * comes. A cancel cannot take the operation away from the worker. It interrupts
 * the worker, and completes with -EALREADY: the operation was found, but goes
 * on. Here a writer comes just before the cancel, so the open succeeds:
 *
 *      the cancel   -EALREADY   "I have asked it to end"
 *      the open     >= 0        a descriptor, which the program owns
 *
 * A program that ignores the CQE of a cancelled open leaks the descriptor. So
 * wait for the CQE of the operation after every cancel, and close the
 * descriptor that it returns. lib's await_openat returns the descriptor to its
 * caller, and the next suspending call reports the cancel. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"

#define DEADLINE_NS UINT64_C(10000000000)

enum { OPEN = 1, CANCEL = 2, ROUNDS_MAX = 1000 };

/* Opens the other end as soon as the worker waits for it: without a reader,
 * this open fails with ENXIO. Returns -1 if no worker opens the FIFO in
 * time. */
static int open_writer(const char *path)
{
    uint64_t deadline_ns = sys_now_ns() + DEADLINE_NS;
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);

    while (fd < 0 && errno == ENXIO && sys_now_ns() < deadline_ns) {
        sys_pause_ns(50000);
        fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    }
    return fd;
}

/* Runs the experiment once. Returns the result of the cancel, or -ENODEV if no
 * worker opens the FIFO. */
static int race(struct io_uring *ring, const char *path, int *opened)
{
    struct io_uring_cqe cqes[2];
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    int writer;

    io_uring_prep_openat(sqe, AT_FDCWD, path, O_RDONLY, 0);
    io_uring_sqe_set_data64(sqe, OPEN);
    sqe->flags |= IOSQE_ASYNC;
    io_uring_submit(ring);
    /* Prepare the cancel early: there is little time for it later. */
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_cancel64(sqe, OPEN, 0);
    io_uring_sqe_set_data64(sqe, CANCEL);
    writer = open_writer(path);
    lab_take(ring, cqes, 2);
    *opened = lab_res(cqes, 2, OPEN);
    (void)close(*opened);
    (void)close(writer);
    return writer < 0 ? -ENODEV : lab_res(cqes, 2, CANCEL);
}

/* Repeats the experiment until the cancel comes before the end of the open. */
static void repeat(struct io_uring *ring, const char *path)
{
    int rounds = 0, leaks = 0, opened = -1, cancelled = -ENOENT;

    while (cancelled == -ENOENT && rounds++ < ROUNDS_MAX) {
        sys_pause_ns(1000000);
        cancelled = race(ring, path, &opened);
        leaks += opened >= 0;
    }
    if (cancelled == -ENODEV) {
        lab_absent("the open", "no io-wq worker began to open the FIFO");
    } else {
        lab_result("the cancel", -EALREADY, cancelled);
        lab_truth("the open returned a descriptor", true, opened >= 0);
        lab_result("opens without a descriptor", 0, rounds - leaks);
    }
}

int main(int argc, char **argv)
{
    char path[LAB_PATH_LEN];
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-cancel-open",
                           "What can a cancelled open return?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_fifo(path);
    lab_print("a cancel of an open that a worker can just finish");
    repeat(&ring, path);
    (void)unlink(path);
    io_uring_queue_exit(&ring);
    return lab_end();
}
