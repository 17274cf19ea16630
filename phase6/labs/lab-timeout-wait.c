/* lab-timeout-wait.c: a TIMEOUT and a wait for several completions.
 * Introduced in phase 6. Needs: lab.h, sys.h, uring_wait.h.
 *
 * What it teaches: before a wait had a timeout (5.11), programs submitted a
 * TIMEOUT and then waited. For these programs the kernel has two rules:
 *
 *      expired   When a TIMEOUT expires, a wait for several completions ends
 *                immediately, even if fewer have arrived.
 *      count     A TIMEOUT with a count of n completes with 0 when n other
 *                operations have completed after its submit.
 *
 * The first rule has a cost today. A program that lets its wait collect
 * completions gets them one by one if its timers are TIMEOUT operations. */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"
#include "uring_wait.h"

enum { TIMEOUT = 1, NOP = 2, WANTED = 8, WAIT_S = 5 };

static void submit_timeout(struct io_uring *ring, int ms, unsigned count)
{
    struct __kernel_timespec time = {.tv_sec = ms / 1000,
                                     .tv_nsec = ms % 1000 * 1000000};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_timeout(sqe, &time, count, 0);
    io_uring_sqe_set_data64(sqe, TIMEOUT);
    io_uring_submit(ring);
}

static void expire(struct io_uring *ring)
{
    uint64_t limit_ns = sys_now_ns() + WAIT_S * UINT64_C(900000000);
    struct __kernel_timespec timeout = {.tv_sec = WAIT_S};
    struct ur_wait_arg arg = {.timeout = (uintptr_t)&timeout};
    int rc;

    submit_timeout(ring, 50, 0);
    rc = io_uring_enter2((unsigned)ring->ring_fd, 0, WANTED,
                         IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
                         (void *)&arg, sizeof arg);
    lab_result("a wait for 8", 0, rc);
    lab_truth("it ended before its timeout", true, sys_now_ns() < limit_ns);
    lab_result("completions", 1, (int)io_uring_cq_ready(ring));
    io_uring_cq_advance(ring, 1);
}

static void count(struct io_uring *ring)
{
    struct io_uring_cqe cqes[3];

    submit_timeout(ring, 3600000, 2);
    for (int i = 0; i < 2; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_nop(sqe);
        io_uring_sqe_set_data64(sqe, NOP);
    }
    lab_take(ring, cqes, 3);
    lab_result("the timeout", 0, lab_res(cqes, 3, TIMEOUT));
    lab_truth("its CQE is the last", true, cqes[2].user_data == TIMEOUT);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-timeout-wait",
                           "What does a TIMEOUT do to a wait?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_print("a TIMEOUT of 50 ms");
    expire(&ring);
    lab_print("a TIMEOUT of 1 h with a count of 2, and two nops");
    count(&ring);
    io_uring_queue_exit(&ring);
    return lab_end();
}
