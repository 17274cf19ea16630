/* lab-clock.c: the clock of a ring's waits, and waits until a point in time.
 * Introduced in phase 6. Needs: lab.h, uring_compat.h, uring_wait.h.
 *
 * What it teaches: the timeout of a wait for completions begins with each call.
 * A program with a deadline has to calculate the rest of the time before each
 * call. With IORING_ENTER_ABS_TIMER (6.12) the timeout is a point in time
 * instead, so the program passes the same value until it gets -ETIME.
 *
 * The point in time is one of the ring's clock, which IORING_REGISTER_CLOCK
 * (6.12) selects. CLOCK_MONOTONIC, the default, stops while the machine is
 * suspended. CLOCK_BOOTTIME does not stop. CLOCK_REALTIME is refused, because
 * it can be set. */
#include <errno.h>
#include <stdint.h>
#include <time.h>

#include "lab.h"
#include "uring_compat.h"
#include "uring_wait.h"

#define LATE_NS INT64_C(10000000000) /* allowed on a busy machine */

enum { EVENTS = 3 };

static int register_clock(struct io_uring *ring, clockid_t clock)
{
    struct ur_clock request = {.clock = (uint32_t)clock};

    return io_uring_register((unsigned)ring->ring_fd, UR_REGISTER_CLOCK,
                             &request, 0);
}

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Waits for one completion until at_ns of the ring's clock. */
static int wait_until(struct io_uring *ring, int64_t at_ns)
{
    struct __kernel_timespec at = {.tv_sec = at_ns / 1000000000,
                                   .tv_nsec = at_ns % 1000000000};
    struct ur_wait_arg arg = {.timeout = (uintptr_t)&at};

    return io_uring_enter2((unsigned)ring->ring_fd, 0, 1,
                           IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG |
                               UR_ENTER_ABS_TIMER,
                           (void *)&arg, sizeof arg);
}

/* Three events interrupt the wait. The deadline stays the same. */
static void wait_for_deadline(struct io_uring *ring, clockid_t clock)
{
    int64_t deadline_ns = now_ns(clock) + 30000000;
    int events = 0, rc = 0;

    lab_result("a wait until 1 ms ago", -ETIME,
               wait_until(ring, now_ns(clock) - 1000000));
    for (int i = 0; i < EVENTS; i++) {
        io_uring_prep_nop(io_uring_get_sqe(ring));
        io_uring_submit(ring);
        rc = wait_until(ring, deadline_ns);
        events += rc == 0;
        io_uring_cq_advance(ring, io_uring_cq_ready(ring));
    }
    lab_result("waits that an event ended", EVENTS, events);
    lab_result("the next wait", -ETIME, wait_until(ring, deadline_ns));
    lab_truth("it ended at the deadline", true,
              now_ns(clock) >= deadline_ns &&
                  now_ns(clock) < deadline_ns + LATE_NS);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-clock",
                           "Until when does a wait last?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    if (register_clock(&ring, CLOCK_MONOTONIC) < 0) {
        lab_absent("the clock", "the kernel has one clock (6.12)");
        return lab_end();
    }
    lab_print("CLOCK_MONOTONIC");
    wait_for_deadline(&ring, CLOCK_MONOTONIC);
    lab_print("CLOCK_BOOTTIME");
    lab_result("its registration", 0, register_clock(&ring, CLOCK_BOOTTIME));
    wait_for_deadline(&ring, CLOCK_BOOTTIME);
    lab_print("CLOCK_REALTIME");
    lab_result("its registration", -EINVAL,
               register_clock(&ring, CLOCK_REALTIME));
    io_uring_queue_exit(&ring);
    return lab_end();
}
