/* lab-no-worker.c: an operation for which the kernel cannot create a thread.
 * Introduced in phase 6. Needs: lab.h, threads.h.
 *
 * What it teaches: io-wq's workers are threads of the process, so they count
 * against the limits on threads: RLIMIT_NPROC, systemd's TasksMax, the pids
 * limit of a container. If the kernel cannot create the first worker, it
 * cancels the operation: the result is -ECANCELED, although the program has
 * cancelled nothing. With one worker or more, operations only wait longer. */
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lab.h"
#include "threads.h"

/* Runs a nop in a worker. */
static int nop(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, 1);
    sqe->flags |= IOSQE_ASYNC;
    return lab_run(ring, 1);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    struct rlimit old, none;
    int code = lab_options(argc, argv, "lab-no-worker",
                           "What if the kernel can create no worker?");
    int tid;

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0 || getrlimit(RLIMIT_NPROC, &old) < 0)
        return LAB_USAGE;
    if (geteuid() == 0) {
        lab_absent("RLIMIT_NPROC", "root has no limit; use another user");
        return lab_end();
    }
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = old.rlim_max};
    lab_print("RLIMIT_NPROC 0");
    (void)setrlimit(RLIMIT_NPROC, &none);
    lab_result("a nop with ASYNC", -ECANCELED, nop(&ring));
    lab_result("workers", 0, threads_count("iou-wrk", 0, &tid));
    (void)setrlimit(RLIMIT_NPROC, &old);

    lab_print("the old limit");
    lab_result("a nop with ASYNC", 0, nop(&ring));
    lab_result("workers", 1, threads_count("iou-wrk", 1, &tid));
    (void)setrlimit(RLIMIT_NPROC, &none);
    lab_print("RLIMIT_NPROC 0, with an idle worker");
    lab_result("a nop with ASYNC", 0, nop(&ring));
    (void)setrlimit(RLIMIT_NPROC, &old);
    io_uring_queue_exit(&ring);
    return lab_end();
}
