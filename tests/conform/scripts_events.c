/* scripts_events.c: eventfds, and the eventfd of a ring. */
#include <poll.h>
#include <stdint.h>

#include "conform.h"
#include "ring_register.h"
#include "sys.h"
#include "sys_process.h"

static uint64_t sums[8]; /* of the read with this user_data */

static struct io_uring_sqe *read_sum(unsigned data, int fd, unsigned len)
{
    struct io_uring_sqe *sqe = script_sqe(data);

    io_uring_prep_read(sqe, fd, &sums[data], len, 0);
    return sqe;
}

static void signal_times(int fd, unsigned count)
{
    while (count-- > 0)
        sys_event_signal(fd);
}

static void say_sum(unsigned data)
{
    script_say("the sum is %u", (unsigned)sums[data]);
}

static void sum_of_signals(void)
{
    int fd = sys_event_fd();

    signal_times(fd, 3);
    read_sum(1, fd, sizeof *sums);
    script_see(1);
    say_sum(1);
    read_sum(2, fd, sizeof *sums);
    script_see(0);
    signal_times(fd, 1);
    script_see(1);
    say_sum(2);
}

static void eight_bytes(void)
{
    int fd = sys_event_fd();

    signal_times(fd, 1);
    read_sum(1, fd, sizeof *sums - 1);
    script_see(1);
    read_sum(2, fd, 2 * sizeof *sums);
    script_see(1);
}

static void nonblocking(void)
{
    int fd = sys_hint_fd(); /* with EFD_NONBLOCK */

    read_sum(1, fd, sizeof *sums);
    script_see(0);
    signal_times(fd, 1);
    script_see(1);
    read_sum(2, fd, sizeof *sums)->rw_flags = RWF_NOWAIT;
    script_see(1);
}

static void poll_takes_nothing(void)
{
    int fd = sys_event_fd();

    io_uring_prep_poll_add(script_sqe(1), fd, POLLIN);
    script_see(0);
    signal_times(fd, 1);
    script_see(1);
    io_uring_prep_poll_add(script_sqe(2), fd, POLLIN | POLLOUT);
    script_see(1);
    read_sum(3, fd, sizeof *sums);
    script_see(1);
}

static void one_of_two(void)
{
    int fd = sys_event_fd();

    io_uring_sqe_set_data64(read_sum(1, fd, sizeof *sums), 9);
    io_uring_sqe_set_data64(read_sum(2, fd, sizeof *sums), 9);
    script_see(0);
    signal_times(fd, 1);
    script_see(1);
    signal_times(fd, 1);
    script_see(1);
}

static void cancelled_read(void)
{
    int fd = sys_event_fd();

    read_sum(1, fd, sizeof *sums);
    script_see(0);
    io_uring_prep_cancel64(script_sqe(2), 1, 0);
    script_see(2);
    signal_times(fd, 1);
    read_sum(3, fd, sizeof *sums);
    script_see(1);
}

static void full(void)
{
    const uint64_t most = UINT64_MAX - 1, one = 1;
    int fd = sys_event_fd();

    io_uring_prep_write(script_sqe(1), fd, &most, sizeof most, 0);
    script_see(1);
    io_uring_prep_write(script_sqe(2), fd, &one, sizeof one, 0);
    script_see(0);
    read_sum(3, fd, sizeof *sums);
    script_see(2);
    read_sum(4, fd, sizeof *sums);
    script_see(1);
    say_sum(4);
}

const struct script scripts_events[] = {
    {"a read of an eventfd takes the sum of its signals", sum_of_signals},
    {"a read of an eventfd needs 8 bytes", eight_bytes},
    {"a read of a nonblocking eventfd waits, except with RWF_NOWAIT",
     nonblocking},
    {"a poll of an eventfd takes no signal", poll_takes_nothing},
    {"a signal ends one of two reads of an eventfd", one_of_two},
    {"a cancel of a read of an eventfd takes no signal", cancelled_read},
    {"a write to a full eventfd waits for a read", full},
    {NULL, NULL},
};
