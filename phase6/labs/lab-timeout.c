/* lab-timeout.c: timeouts that repeat, and timeouts at a point in time.
 * Introduced in phase 6. Needs: lab.h, uring_compat.h.
 *
 * What it teaches: a TIMEOUT completes with -ETIME. Its flags decide when:
 *
 *      MULTISHOT   one CQE per interval, with F_MORE except in the last
 *      ABS         at a point in time; immediately if it has passed
 *      REALTIME    the clock is CLOCK_REALTIME, which can be set
 *      BOOTTIME    the clock is CLOCK_BOOTTIME, which counts suspend
 *      neither     the clock is CLOCK_MONOTONIC
 *
 * A timeout that is not needed any more has to be removed, and then completes
 * with -ECANCELED. */
#include <errno.h>
#include <stdint.h>
#include <time.h>

#include "lab.h"
#include "uring_compat.h"

enum { TIMEOUT = 1, REMOVE = 2, SHOTS = 3 };

/* Prepares a timeout at ms milliseconds from now on this clock. */
static void prepare_at(struct io_uring *ring, clockid_t clock, int ms,
                       unsigned flags)
{
    static struct __kernel_timespec time; /* the kernel reads it at submit */
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct timespec now;
    int64_t at_ns;

    (void)clock_gettime(clock, &now);
    at_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec + ms * 1000000;
    time.tv_sec = at_ns / 1000000000;
    time.tv_nsec = at_ns % 1000000000;
    io_uring_prep_timeout(sqe, &time, 0, flags | IORING_TIMEOUT_ABS);
    io_uring_sqe_set_data64(sqe, TIMEOUT);
}

static void repeat(struct io_uring *ring)
{
    struct __kernel_timespec interval = {.tv_nsec = 2000000};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqes[SHOTS];
    int ends = 0, more = 0;

    io_uring_prep_timeout(sqe, &interval, SHOTS, UR_TIMEOUT_MULTISHOT);
    io_uring_sqe_set_data64(sqe, TIMEOUT);
    lab_take(ring, cqes, 1);
    if (cqes[0].res == -EINVAL) {
        lab_absent("a multishot timeout", "the kernel has none (6.4)");
        return;
    }
    lab_take(ring, cqes + 1, SHOTS - 1);
    for (int i = 0; i < SHOTS; i++) {
        ends += cqes[i].res == -ETIME;
        more += (cqes[i].flags & IORING_CQE_F_MORE) != 0;
    }
    lab_result("completions with -ETIME", SHOTS, ends);
    lab_result("completions with F_MORE", SHOTS - 1, more);
}

/* The number of seconds since 1970 is far in the future of CLOCK_MONOTONIC. */
static void compare_clocks(struct io_uring *ring)
{
    struct __kernel_timespec limit = {.tv_nsec = 200000000};
    struct io_uring_cqe cqes[2], *cqe;
    struct io_uring_sqe *sqe;

    prepare_at(ring, CLOCK_MONOTONIC, -1, 0);
    lab_result("CLOCK_MONOTONIC, 1 ms ago", -ETIME, lab_run(ring, TIMEOUT));
    prepare_at(ring, CLOCK_MONOTONIC, 10, 0);
    lab_result("CLOCK_MONOTONIC", -ETIME, lab_run(ring, TIMEOUT));
    prepare_at(ring, CLOCK_BOOTTIME, 10, IORING_TIMEOUT_BOOTTIME);
    lab_result("CLOCK_BOOTTIME", -ETIME, lab_run(ring, TIMEOUT));
    prepare_at(ring, CLOCK_REALTIME, 10, IORING_TIMEOUT_REALTIME);
    lab_result("CLOCK_REALTIME", -ETIME, lab_run(ring, TIMEOUT));
    prepare_at(ring, CLOCK_REALTIME, 10, 0);
    io_uring_submit(ring);
    lab_result("CLOCK_REALTIME without its flag, after 200 ms", -ETIME,
               io_uring_wait_cqe_timeout(ring, &cqe, &limit));
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_timeout_remove(sqe, TIMEOUT, 0);
    io_uring_sqe_set_data64(sqe, REMOVE);
    lab_take(ring, cqes, 2);
    lab_result("its removal", 0, lab_res(cqes, 2, REMOVE));
    lab_result("the timeout", -ECANCELED, lab_res(cqes, 2, TIMEOUT));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-timeout",
                           "When does a timeout complete, and how often?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 8, 0, 0) < 0)
        return LAB_USAGE;
    lab_print("MULTISHOT, three times, every 2 ms");
    repeat(&ring);
    lab_print("ABS, in 10 ms");
    compare_clocks(&ring);
    io_uring_queue_exit(&ring);
    return lab_end();
}
