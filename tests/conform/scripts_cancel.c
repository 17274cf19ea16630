/* scripts_cancel.c: what a cancel finds, and timeouts. */
#include <stdio.h>

#include "conform.h"
#include "sys.h"

static void cancel(unsigned data, unsigned target)
{
    io_uring_prep_cancel64(script_sqe(data), target, 0);
    script_see(1);
}

static void waiting_read(void)
{
    script_pipe();
    script_read(1, 5);
    script_see(0);
    cancel(2, 1);
}

static void nothing(void)
{
    cancel(2, 1);
}

static void completed(void)
{
    script_pipe();
    script_write("five!");
    script_read(1, 5);
    script_see(1);
    cancel(2, 1);
}

static void first_of_two(void)
{
    script_pipe();
    io_uring_sqe_set_data64(script_read(2, 5), 1);
    io_uring_sqe_set_data64(script_read(3, 6), 1);
    script_see(0);
    cancel(2, 1);
    script_write("sixty!");
    script_see(1);
}

static void ready_read(void)
{
    script_pipe();
    script_read(1, 5);
    script_see(0);
    sys_event_signal(script_fds[1]); /* 8 bytes, without an enter */
    cancel(2, 1);
    script_see(0);
}

static void same_submit(void)
{
    script_pipe();
    script_read(1, 5);
    cancel(2, 1);
    script_see(0);
}

static struct __kernel_timespec time_of(unsigned ms)
{
    return (struct __kernel_timespec){.tv_nsec = ms * 1000000};
}

static void expired(void)
{
    struct __kernel_timespec time = time_of(2);

    io_uring_prep_timeout(script_sqe(1), &time, 0, 0);
    script_see(1);
}

static void timeout_copied_at_submit(void)
{
    struct __kernel_timespec time = time_of(2);

    io_uring_prep_timeout(script_sqe(1), &time, 0, 0);
    script_see(0);
    time.tv_sec = 3600;
    script_see(1);
}

static void cancelled_timeout(void)
{
    struct __kernel_timespec time = {.tv_sec = 3600};

    io_uring_prep_timeout(script_sqe(1), &time, 0, 0);
    script_see(0);
    cancel(2, 1);
    script_see(0);
}

static void timeout_ends_a_wait(void)
{
    struct __kernel_timespec time = time_of(2);
    uint64_t begin_ns = sys_now_ns();

    script_pipe();
    script_read(1, 5);
    io_uring_prep_timeout(script_sqe(2), &time, 0, 0);
    ring_enter(&script_ring, 2, UINT64_C(30000000000));
    script_say(sys_now_ns() - begin_ns < UINT64_C(20000000000)
                   ? "the wait for two ended early" : "the wait went on");
    script_see(0);
}

static void timeouts_by_time(void)
{
    struct __kernel_timespec late = time_of(20), soon = time_of(2);

    io_uring_prep_timeout(script_sqe(1), &late, 0, 0);
    io_uring_prep_timeout(script_sqe(2), &soon, 0, 0);
    script_see(2);
}

const struct script scripts_cancel[] = {
    {"a cancel ends a read that waits", waiting_read},
    {"a cancel of nothing is ENOENT", nothing},
    {"a cancel of a completed operation is ENOENT", completed},
    {"a cancel ends the first of two operations", first_of_two},
    {"a cancel ends a read whose bytes have arrived", ready_read},
    {"a cancel finds an operation of its own submit", same_submit},
    {"an expired timeout is ETIME", expired},
    {"a timeout is copied at submit", timeout_copied_at_submit},
    {"a cancel ends a timeout", cancelled_timeout},
    {"an expired timeout ends a wait for two", timeout_ends_a_wait},
    {"timeouts expire in the order of their times", timeouts_by_time},
    {NULL, NULL},
};
