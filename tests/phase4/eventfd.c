/* eventfd.c: what the kernel guarantees about a ring's eventfd, and what it
 * does not.
 *
 * Tests of phase 4. bridge.c (in lib) is built on these facts; each is shown
 * with liburing alone, so that a kernel that differs is noticed here first. */
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "suite.h"

#define DEFERRED (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN)

struct watched {
    struct io_uring ring;
    int event_fd;
    int pipe[2];
};

static void watched_init(struct watched *watched, unsigned flags)
{
    check_ring(io_uring_queue_init(256, &watched->ring, flags));
    watched->event_fd = eventfd(0, EFD_NONBLOCK);
    check(watched->event_fd >= 0 && pipe(watched->pipe) == 0);
}

static void watched_finish(struct watched *watched)
{
    io_uring_queue_exit(&watched->ring);
    close(watched->event_fd);
    close(watched->pipe[0]);
    close(watched->pipe[1]);
}

static bool is_readable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    return poll(&ready, 1, 0) == 1;
}

/* The eventfd's count, taken back: 0 if it was not signalled. */
static uint64_t take_signals(struct watched *watched)
{
    uint64_t count = 0;

    if (read(watched->event_fd, &count, sizeof count) < 0)
        ck_assert_int_eq(errno, EAGAIN);
    return count;
}

static char bytes[256]; /* where the reads go */

static void submit_reads(struct watched *watched, int count)
{
    for (int i = 0; i < count; i++)
        io_uring_prep_read(io_uring_get_sqe(&watched->ring), watched->pipe[0],
                           &bytes[i], 1, (uint64_t)-1);
    check_res(io_uring_submit(&watched->ring), count);
}

static void submit_nops(struct watched *watched, int count)
{
    for (int i = 0; i < count; i++)
        io_uring_prep_nop(io_uring_get_sqe(&watched->ring));
    check_res(io_uring_submit(&watched->ring), count);
}

TEST(one_signal_may_stand_for_many_completions)
{
    struct watched watched;

    watched_init(&watched, 0);
    check_res(io_uring_register_eventfd(&watched.ring, watched.event_fd), 0);
    submit_nops(&watched, 8);
    ck_assert_uint_eq(io_uring_cq_ready(&watched.ring), 8);
    ck_assert_uint_lt(take_signals(&watched), 8);
    watched_finish(&watched);
}
END_TEST

TEST(with_defer_taskrun_the_eventfd_signals_an_empty_cq)
{
    struct watched watched;

    watched_init(&watched, DEFERRED);
    check_res(io_uring_register_eventfd(&watched.ring, watched.event_fd), 0);
    submit_reads(&watched, 1);
    check(!is_readable(watched.event_fd));
    check(write(watched.pipe[1], "x", 1) == 1);
    check(is_readable(watched.event_fd));
    ck_assert_uint_eq(io_uring_cq_ready(&watched.ring), 0);
    check(io_uring_get_events(&watched.ring) >= 0);
    ck_assert_uint_eq(io_uring_cq_ready(&watched.ring), 1);
    watched_finish(&watched);
}
END_TEST

/* One enter may post only some completions. A program that enters until none
 * are left gets all of them. */
TEST(with_defer_taskrun_one_enter_may_post_only_some_completions)
{
    struct watched watched;
    unsigned total = 0, came;

    watched_init(&watched, DEFERRED);
    submit_reads(&watched, 100);
    check(write(watched.pipe[1], bytes, 100) == 100);
    do {
        check(io_uring_get_events(&watched.ring) >= 0);
        came = io_uring_cq_ready(&watched.ring);
        io_uring_cq_advance(&watched.ring, came);
        total += came;
    } while (came > 0);
    ck_assert_uint_eq(total, 100);
    watched_finish(&watched);
}
END_TEST

TEST(the_async_eventfd_does_not_signal_an_immediate_completion)
{
    struct watched watched;

    watched_init(&watched, 0);
    check_res(io_uring_register_eventfd_async(&watched.ring, watched.event_fd),
              0);
    submit_nops(&watched, 1);
    ck_assert_uint_eq(io_uring_cq_ready(&watched.ring), 1);
    ck_assert_uint_eq(take_signals(&watched), 0);
    watched_finish(&watched);
}
END_TEST

TEST(the_rings_own_fd_is_readable_while_there_are_completions)
{
    struct watched watched;

    watched_init(&watched, 0);
    check(!is_readable(watched.ring.ring_fd));
    submit_nops(&watched, 1);
    check(is_readable(watched.ring.ring_fd));
    io_uring_cq_advance(&watched.ring, 1);
    check(!is_readable(watched.ring.ring_fd));
    watched_finish(&watched);
}
END_TEST

/* A poll that does not sleep, at least: see phase 4's lesson for one that
 * does. */
TEST(with_defer_taskrun_the_rings_own_fd_is_readable_before_the_enter)
{
    struct watched watched;

    watched_init(&watched, DEFERRED);
    submit_reads(&watched, 1);
    check(!is_readable(watched.ring.ring_fd));
    check(write(watched.pipe[1], "x", 1) == 1);
    check(is_readable(watched.ring.ring_fd));
    ck_assert_uint_eq(io_uring_cq_ready(&watched.ring), 0);
    watched_finish(&watched);
}
END_TEST

TEST(a_signal_suppressed_while_disabled_is_not_sent_later)
{
    struct watched watched;

    watched_init(&watched, 0);
    check_res(io_uring_register_eventfd(&watched.ring, watched.event_fd), 0);
    check_res(io_uring_cq_eventfd_toggle(&watched.ring, false), 0);
    submit_nops(&watched, 1);
    check_res(io_uring_cq_eventfd_toggle(&watched.ring, true), 0);
    ck_assert_uint_eq(take_signals(&watched), 0);
    submit_nops(&watched, 1);
    ck_assert_uint_gt(take_signals(&watched), 0);
    watched_finish(&watched);
}
END_TEST

static const char *without_defer_taskrun(void)
{
    struct io_uring ring;
    int rc = io_uring_queue_init(4, &ring, DEFERRED);

    if (rc < 0)
        return "this kernel has no DEFER_TASKRUN";
    io_uring_queue_exit(&ring);
    return NULL;
}

int main(void)
{
    const char *reason = without_defer_taskrun();

    suite_begin("eventfd");
    suite_add(one_signal_may_stand_for_many_completions);
    suite_add_unless(reason,
                     with_defer_taskrun_the_eventfd_signals_an_empty_cq);
    suite_add_unless(
        reason, with_defer_taskrun_one_enter_may_post_only_some_completions);
    suite_add(the_async_eventfd_does_not_signal_an_immediate_completion);
    suite_add(the_rings_own_fd_is_readable_while_there_are_completions);
    suite_add_unless(
        reason,
        with_defer_taskrun_the_rings_own_fd_is_readable_before_the_enter);
    suite_add(a_signal_suppressed_while_disabled_is_not_sent_later);
    return suite_end();
}
