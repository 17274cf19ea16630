/* lab-min-wait.c: one wait for many completions, with a minimum time.
 * Introduced in phase 6. Needs: lab.h, sys.h, uring_compat.h, uring_wait.h.
 *
 * What it teaches: a busy program wants many completions per system call, but
 * does not want to wait long for the last of them. A wait for N with a minimum
 * time (6.12) ends
 *
 *      with N completions, at any time;
 *      at the end of the minimum time, if there is a completion;
 *      after that with the first completion, or at the timeout.
 *
 * With DEFER_TASKRUN the thread also sleeps through the minimum time. On other
 * rings each completion wakes it, and the kernel sends it back to sleep. The
 * events here come from timerfds, because a TIMEOUT operation that expires ends
 * every wait (lab-timeout-wait). */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

#include "lab.h"
#include "sys.h"
#include "uring_compat.h"
#include "uring_wait.h"

enum { EVENTS = 5, WANTED = 8, EVENT_NS = 20000000 };

/* Starts count events: the first after 20 ms, the second after 40 ms. */
static void start_events(struct io_uring *ring, const int timers[EVENTS],
                         int count)
{
    for (int i = 0; i < count; i++) {
        const struct itimerspec at = {.it_value.tv_nsec = (i + 1) * EVENT_NS};

        if (timerfd_settime(timers[i], 0, &at, NULL) < 0)
            exit(LAB_USAGE);
        io_uring_prep_poll_add(io_uring_get_sqe(ring), timers[i], POLLIN);
    }
    io_uring_submit(ring);
}

/* Waits in one system call: at least min_ms, at most timeout_ms. */
static int wait_for(struct io_uring *ring, unsigned count, unsigned min_ms,
                    unsigned timeout_ms)
{
    struct __kernel_timespec timeout = {.tv_nsec = timeout_ms * 1000000};
    struct ur_wait_arg arg = {.min_wait_us = min_ms * 1000,
                              .timeout = (uintptr_t)&timeout};

    return io_uring_enter2((unsigned)ring->ring_fd, 0, count,
                           IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
                           (void *)&arg, sizeof arg);
}

static int take_ready(struct io_uring *ring)
{
    unsigned count = io_uring_cq_ready(ring);

    io_uring_cq_advance(ring, count);
    return (int)count;
}

/* Returns how often this thread has gone to sleep. */
static long sleeps(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

/* Waits once for more events than there will be. Predicts how many come, and
 * that the minimum ends the wait, and not the timeout. */
static void wait_once(struct io_uring *ring, unsigned min_ms, int expected)
{
    uint64_t limit_ns = sys_now_ns() + UINT64_C(900000000);

    lab_result("the wait", 0, wait_for(ring, WANTED, min_ms, 990));
    lab_truth("it ended before the timeout", true, sys_now_ns() < limit_ns);
    lab_result("completions", expected, take_ready(ring));
}

static void compare(struct io_uring *ring, const int timers[EVENTS])
{
    int calls = 0, taken = 0;
    long before;

    lab_print("5 events in 100 ms, waits for 1");
    start_events(ring, timers, EVENTS);
    for (; taken < EVENTS; calls++) {
        (void)wait_for(ring, 1, 0, 990);
        taken += take_ready(ring);
    }
    lab_truth("more than one system call", true, calls > 1);
    lab_print("5 events in 100 ms, one wait for 8, at least 200 ms");
    start_events(ring, timers, EVENTS);
    before = sleeps();
    wait_once(ring, 200, EVENTS);
    lab_truth("fewer sleeps than events", true, sleeps() - before < EVENTS);
    lab_print("an event after 20 ms, one wait for 8, at least 1 ms");
    start_events(ring, timers, 1);
    wait_once(ring, 1, 1);
    lab_print("no event, one wait for 8, at least 1 ms, at most 50 ms");
    lab_result("the wait", -ETIME, wait_for(ring, WANTED, 1, 50));
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int timers[EVENTS];
    int code = lab_options(argc, argv, "lab-min-wait",
                           "How many events does one wait bring?");

    if (code != -1)
        return code;
    for (int i = 0; i < EVENTS; i++)
        timers[i] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (lab_ring(&ring, 8, 0,
                 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN) < 0)
        return LAB_USAGE;
    if (ring.features & UR_FEAT_MIN_TIMEOUT)
        compare(&ring, timers);
    else
        lab_absent("a minimum", "the kernel has none (6.12)");
    io_uring_queue_exit(&ring);
    return lab_end();
}
