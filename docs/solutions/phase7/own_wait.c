/* own_wait: wait for a result, but not for ever.
 *
 * What it teaches: a wait has an end, and not a length. Whatever interrupts the
 * wait leaves the end where it was. */
#include "own_wait.h"

#include <errno.h>
#include <linux/time_types.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static bool take(struct own_results *results, struct io_uring_cqe *cqe)
{
    uint32_t head = atomic_load_explicit(results->head, memory_order_relaxed);

    if (head == atomic_load_explicit(results->tail, memory_order_acquire))
        return false;
    *cqe = results->cqes[head & results->mask];
    atomic_store_explicit(results->head, head + 1, memory_order_release);
    return true;
}

int own_wait(struct own_results *results, struct io_uring_cqe *cqe,
             unsigned limit_ms)
{
    int64_t end_ns = 0, left_ns = limit_ms * INT64_C(1000000);
    bool is_over = false;

    while (!take(results, cqe)) {
        struct __kernel_timespec limit;
        struct io_uring_getevents_arg arg = {.ts = (uintptr_t)&limit};

        if (is_over)
            return -ETIME;
        if (end_ns == 0)
            end_ns = now_ns() + left_ns;
        left_ns = end_ns - now_ns();
        if (left_ns < 0)
            left_ns = 0;
        limit.tv_sec = left_ns / 1000000000;
        limit.tv_nsec = left_ns % 1000000000;
        if (syscall(SYS_io_uring_enter, results->ring_fd, 0, 1,
                    IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg,
                    sizeof arg) < 0) {
            if (errno == ETIME)
                is_over = true;
            else if (errno != EINTR)
                return -errno;
        }
    }
    return 0;
}
