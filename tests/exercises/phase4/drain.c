/* drain.c: the checker of phase 4's exercise drain.
 *
 * hook_before_read lets a result arrive just before the answer clears the
 * eventfd. If the answer has looked for results before, this one is lost. */
#include "drain.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hooks.h"
#include "judge.h"
#include "ring_watch.h"

static struct io_uring ring;
static int event;
static unsigned used;
static uint64_t last_used;

static void on_use(uint64_t user_data, int result)
{
    judge_that(result >= 0, "use gets cqe->res", "another result");
    used++;
    last_used = user_data;
}

static void make(unsigned flags)
{
    watch_make_ring(&ring, 16, flags);
    event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (io_uring_register_eventfd(&ring, event) < 0)
        judge_cannot("io_uring_register_eventfd", -1);
    judge_suspect("drain_ring must never wait: io_uring_peek_cqe looks without "
                  "waiting");
}

static void add_nops(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

        io_uring_prep_nop(sqe);
        io_uring_sqe_set_data64(sqe, 100 + i);
    }
    io_uring_submit(&ring);
}

static bool is_readable(void)
{
    struct pollfd watched = {.fd = event, .events = POLLIN};

    return poll(&watched, 1, 0) == 1;
}

static void check_eight(void)
{
    int count;

    make(0);
    judge_run("drain_ring, with 8 results in the CQ and one signal");
    judge_expect("8 results, and an eventfd that is clear");
    add_nops(8);
    /* One read of the eventfd tells nothing about the number of results. */
    eventfd_write(event, 3);
    count = drain_ring(&ring, event, on_use);
    judge_that(used > 0, "the stub is unchanged, or nothing was taken",
               "no result");
    if (used != 8)
        judge_fail(used < 8 ? "a signal does not count: take results until the "
                              "CQ is empty"
                            : "a result was used twice: mark each CQE as seen",
                   "%u results", used);
    watch_is_settled();
    judge_result(count, 8, "the return value is the number of results");
    judge_that(!is_readable(), "the eventfd was not cleared: the host finds it "
               "readable again at once, and spins", "a readable eventfd");
}

static void check_none(void)
{
    make(0);
    judge_run("drain_ring, with a signal and no result");
    judge_expect("0 results, and an eventfd that is clear");
    eventfd_write(event, 1);
    judge_result(drain_ring(&ring, event, on_use), 0, "there was no result");
    judge_that(!is_readable(), "the eventfd was not cleared: the host finds it "
               "readable again at once, and spins", "a readable eventfd");
}

static void add_late(int fd)
{
    (void)fd;
    add_nops(1);
}

static void check_late(void)
{
    make(0);
    judge_run("drain_ring; a result arrives just before you clear the eventfd");
    judge_expect("the result is taken, or the eventfd is readable");
    add_nops(2);
    hook_before_read = add_late;
    drain_ring(&ring, event, on_use);
    judge_that(watch_waiting() == 0 || is_readable(),
               "a result is lost: it came after you looked, and you cleared "
               "its signal. Clear first, then take",
               "a result in the CQ, and an eventfd that is clear");
}

static void check_deferred(void)
{
    struct io_uring probe;
    int ends[2];
    static char buf[8];
    const unsigned flags = IORING_SETUP_SINGLE_ISSUER |
                           IORING_SETUP_DEFER_TASKRUN;

    if (io_uring_queue_init(2, &probe, flags) < 0)
        return; /* Linux before 6.1 has no such ring */
    io_uring_queue_exit(&probe);
    make(flags);
    judge_pipe(ends);
    judge_run("drain_ring on a deferred ring whose read has got its bytes");
    judge_expect("1 result");
    io_uring_prep_read(io_uring_get_sqe(&ring), ends[0], buf, sizeof buf, 0);
    io_uring_submit(&ring);
    judge_write(ends[1], "abc", 3);
    judge_result(drain_ring(&ring, event, on_use), 1, "the CQ of a deferred "
                 "ring is empty until you enter the kernel: call "
                 "io_uring_get_events before you look");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"eight results are taken for one signal", check_eight},
        {"a signal without a result is cleared", check_none},
        {"a result that arrives in between is not lost", check_late},
        {"a deferred ring shows its results in the kernel", check_deferred},
    };

    return judge_main("drain", cases, sizeof cases / sizeof *cases);
}
