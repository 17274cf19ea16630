/* lab-timespec.c: how long the time of a timeout has to stay valid.
 * Introduced in phase 6. Needs: lab.h, sys.h.
 *
 * What it teaches: a prep function stores only the address of the timespec in
 * the SQE. The kernel reads the timespec at submit, and keeps a copy
 * (IORING_FEAT_SUBMIT_STABLE):
 *
 *      prep                  submit                     CQE
 *       |-- must stay valid -->|-- may be used again ---->|
 *
 * So a helper function must not prepare a timeout with a local timespec, and
 * return before the submit. The kernel would read bytes of another function as
 * a time, or return -EFAULT. With SQPOLL a kernel thread reads the timespec
 * later, so it must stay valid until the SQE has left the queue. */
#include <errno.h>
#include <poll.h>

#include "lab.h"
#include "sys.h"

enum { POLL = 1, TIMEOUT = 2 };

static const struct __kernel_timespec hour = {.tv_sec = 3600};
static const struct __kernel_timespec soon = {.tv_nsec = 10000000};

static struct io_uring_sqe *next(struct io_uring *ring, unsigned data)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_sqe_set_data64(sqe, data);
    return sqe;
}

/* Changes the time between prep and submit, and again after the submit. */
static void change(struct io_uring *ring, int fd)
{
    struct __kernel_timespec time = hour;
    struct io_uring_sqe *sqe;
    struct io_uring_cqe cqes[2];

    io_uring_prep_timeout(next(ring, TIMEOUT), &time, 0, 0);
    time = soon;
    io_uring_submit(ring);
    time = hour;
    lab_take(ring, cqes, 1);
    lab_result("a timeout", -ETIME, cqes[0].res);

    sqe = next(ring, POLL);
    io_uring_prep_poll_add(sqe, fd, POLLIN);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_prep_link_timeout(next(ring, TIMEOUT), &time, 0);
    time = soon;
    io_uring_submit(ring);
    time = hour;
    lab_take(ring, cqes, 2);
    lab_result("a linked timeout", -ETIME, lab_res(cqes, 2, TIMEOUT));
    lab_result("its poll", -ECANCELED, lab_res(cqes, 2, POLL));
}

/* Unmaps the time before the submit, or after it. */
static void unmap(struct io_uring *ring, bool before, int expected)
{
    struct __kernel_timespec *time;
    struct io_uring_cqe cqe;
    void *page;

    if (sys_map(&page, sys_page_size()) < 0)
        return;
    time = page;
    *time = soon;
    io_uring_prep_timeout(next(ring, TIMEOUT), time, 0, 0);
    if (before)
        (void)sys_unmap(page, sys_page_size());
    io_uring_submit(ring);
    if (!before)
        (void)sys_unmap(page, sys_page_size());
    lab_take(ring, &cqe, 1);
    lab_result("a timeout", expected, cqe.res);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fds[2];
    int code = lab_options(argc, argv, "lab-timespec",
                           "When does the kernel read a timespec?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_truth("SUBMIT_STABLE", true,
              (ring.features & IORING_FEAT_SUBMIT_STABLE) != 0);
    lab_pipe(fds);
    lab_print("1 h at prep, 10 ms at submit, 1 h afterwards");
    change(&ring, fds[0]);
    lab_print("10 ms, unmapped before the submit");
    unmap(&ring, true, -EFAULT);
    lab_print("10 ms, unmapped after the submit");
    unmap(&ring, false, -ETIME);
    io_uring_queue_exit(&ring);
    return lab_end();
}
