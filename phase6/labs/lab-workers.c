/* lab-workers.c: the threads that run blocking operations, and their limits.
 * Introduced in phase 6. Needs: lab.h, sys.h, threads.h.
 *
 * What it teaches: an operation that would block, and whose file cannot be
 * polled, runs in an io-wq worker. That is a thread of this process whose name
 * begins with "iou-wrk". With IOSQE_ASYNC the kernel passes an operation to a
 * worker without trying it first. There are two kinds of work, and
 * register_iowq_max_workers sets a limit for each:
 *
 *      bounded     files and directories    default: the smaller of SQ entries
 *                                           and 4 per CPU
 *      unbounded   pipes, sockets, ttys     default: RLIMIT_NPROC
 *
 * The open of a FIFO is bounded work, and blocks until a writer comes. If the
 * limit is two, two such opens block every other operation on a file. The
 * limits apply to all rings of the thread. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"
#include "threads.h"

enum { NOP = 1, OPEN, TEE, STATX, LIMIT = 2, OPENS = 3, TEES = 2 };

static int nop(struct io_uring *ring, unsigned flags)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, NOP);
    sqe->flags = (unsigned char)flags;
    return lab_run(ring, NOP);
}

/* Submits an operation that blocks its worker: the open of a FIFO without a
 * writer, or a tee from an empty pipe. */
static void block(struct io_uring *ring, unsigned data, const char *fifo,
                  const int pipes[4])
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    if (data == OPEN)
        io_uring_prep_openat(sqe, AT_FDCWD, fifo, O_RDONLY, 0);
    else
        io_uring_prep_tee(sqe, pipes[0], pipes[3], 1, 0);
    io_uring_sqe_set_data64(sqe, data);
    sqe->flags |= IOSQE_ASYNC;
    io_uring_submit(ring);
}

/* Blocks all workers that the limits allow. Then a statx has to wait until the
 * program opens the FIFO for writing and fills the pipe. */
static void reach_limits(struct io_uring *ring)
{
    struct __kernel_timespec soon = {.tv_nsec = 100000000};
    struct io_uring_sqe *sqe;
    struct io_uring_cqe *cqe, cqes[OPENS + TEES + 1];
    struct statx info;
    char path[LAB_PATH_LEN];
    int pipes[4], writer, tid;

    lab_fifo(path);
    lab_pipe(pipes);
    lab_pipe(pipes + 2);
    for (int i = 0; i < OPENS + TEES; i++)
        block(ring, i < OPENS ? OPEN : TEE, path, pipes);
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_statx(sqe, AT_FDCWD, "/", 0, STATX_SIZE, &info);
    io_uring_sqe_set_data64(sqe, STATX);
    sqe->flags |= IOSQE_ASYNC;
    io_uring_submit(ring);
    lab_result("a statx, for 100 ms", -ETIME,
               io_uring_wait_cqe_timeout(ring, &cqe, &soon));
    lab_result("workers", LIMIT + 1, threads_count("iou-wrk", 3, &tid));
    writer = sys_open(path, O_RDWR, 0);
    (void)unlink(path);
    if (write(pipes[1], "x", 1) != 1)
        return;
    lab_take(ring, cqes, OPENS + TEES + 1);
    lab_result("the statx, when the FIFO has a writer", 0,
               lab_res(cqes, OPENS + TEES + 1, STATX));
    close(writer);
}

int main(int argc, char **argv)
{
    unsigned limits[] = {LIMIT, 1}, cpu = (unsigned)sched_getcpu();
    char wanted[16], seen[32];
    struct io_uring ring;
    cpu_set_t set;
    int code = lab_options(argc, argv, "lab-workers",
                           "Which threads run what would block?");
    int tid = 0;

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (io_uring_register_iowq_aff(&ring, sizeof set, &set) < 0 ||
        io_uring_register_iowq_max_workers(&ring, limits) < 0) {
        lab_absent("limits of io-wq", "the kernel does not know them");
        return lab_end();
    }
    lab_result("the limit of bounded workers was", 4, (int)limits[0]);
    lab_print("a nop");
    lab_result("without ASYNC", 0, nop(&ring, 0));
    lab_result("workers", 0, threads_count("iou-wrk", 0, &tid));
    lab_result("with ASYNC", 0, nop(&ring, IOSQE_ASYNC));
    lab_result("workers", 1, threads_count("iou-wrk", 1, &tid));
    snprintf(wanted, sizeof wanted, "%u", cpu);
    threads_cpus(tid, seen, sizeof seen);
    lab_text("its CPUs, after register_iowq_aff", wanted, seen);
    lab_print("2 bounded workers and 1 unbounded one, for 3 opens and 2 tees");
    reach_limits(&ring);
    io_uring_queue_exit(&ring);
    return lab_end();
}
