/* own_wait.c: the checker of phase 7's exercise own_wait.
 *
 * Signals come every few milliseconds. The checker compares the limits of the
 * answer's calls: each must be shorter than the one before. An answer that
 * waits in another way has to end in time. */
#include "own_wait.h"

#include <errno.h>
#include <liburing.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "hooks.h"
#include "judge.h"
#include "ring_watch.h"

#define LIMIT_MS 60u
#define SIGNALS_LIMIT_MS 300u
#define LONG_MS 60000u

static struct io_uring ring;
static struct own_results results;
static int ends[2];
static char buf[8];
static struct io_uring_cqe cqe;

static void begin(void)
{
    watch_make_ring(&ring, 4, 0);
    judge_pipe(ends);
    results = (struct own_results){
        .ring_fd = ring.ring_fd,
        .head = (_Atomic uint32_t *)ring.cq.khead,
        .tail = (_Atomic uint32_t *)ring.cq.ktail,
        .cqes = ring.cq.cqes,
        .mask = *ring.cq.kring_mask,
    };
}

static void add_nops(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

        io_uring_prep_nop(sqe);
        io_uring_sqe_set_data64(sqe, 50 + i);
    }
    io_uring_submit(&ring);
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void check_there(void)
{
    begin();
    add_nops(2);
    judge_run("own_wait twice, with 2 results in the CQ");
    judge_expect("0 and 0, in order, without a system call");
    for (unsigned i = 0; i < 2; i++) {
        judge_result(own_wait(&results, &cqe, LONG_MS), 0,
                     "a result is there");
        judge_result((long)cqe.user_data, 50 + i, "the oldest result comes "
                     "first, and the head moves by one");
    }
    watch_is_settled();
    judge_that(hook_enters == 0, "a result that is there needs no system call: "
               "look first", "a call of io_uring_enter");
}

static void check_nothing(void)
{
    uint64_t began_ms = now_ms(), took_ms;

    begin();
    judge_run("own_wait, with a limit of 60 ms and no result");
    judge_expect("-ETIME after 60 ms");
    judge_suspect("the wait has no end: arg.ts is the longest time to wait");
    judge_result(own_wait(&results, &cqe, LIMIT_MS), -ETIME,
                 "no result came in time");
    took_ms = now_ms() - began_ms;
    if (took_ms + 1 < LIMIT_MS)
        judge_fail("the wait was too short", "-ETIME after %u ms",
                   (unsigned)took_ms);
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    (void)number;
    signals++;
}

static void signal_often(void)
{
    const struct itimerval often = {{0, 7000}, {0, 7000}};
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

static void on_enter(unsigned flags, const void *arg)
{
    static int64_t last_ns = INT64_MAX;
    const struct io_uring_getevents_arg *extended = arg;
    const struct __kernel_timespec *limit;
    int64_t ns;

    if (!(flags & IORING_ENTER_EXT_ARG) || extended->ts == 0)
        return;
    limit = (const struct __kernel_timespec *)(uintptr_t)extended->ts;
    ns = limit->tv_sec * INT64_C(1000000000) + limit->tv_nsec;
    if (ns >= last_ns)
        judge_fail("each signal makes the wait longer: after EINTR wait only "
                   "for the time that is left", "a wait of %lld ns after one "
                   "of %lld", (long long)ns, (long long)last_ns);
    last_ns = ns;
}

static void check_signals(void)
{
    begin();
    signal_often();
    hook_on_enter = on_enter;
    judge_run("own_wait, with a limit of 300 ms, no result, and a signal every "
              "7 ms");
    judge_expect("-ETIME, after waits that become shorter");
    judge_suspect("each signal makes the wait longer: after EINTR wait only "
                  "for the time that is left");
    judge_result(own_wait(&results, &cqe, SIGNALS_LIMIT_MS), -ETIME,
                 "EINTR is not the end of the wait");
}

static void feed(void *arg)
{
    (void)arg;
    while (signals < 3)
        usleep(100);
    judge_write(ends[1], "abc", 3);
}

static void check_result(void)
{
    sigset_t alarm;

    begin();
    io_uring_prep_read(io_uring_get_sqe(&ring), ends[0], buf, sizeof buf, 0);
    io_uring_submit(&ring);
    judge_run("own_wait for a read, and a signal every 7 ms");
    judge_expect("0, and a res of 3");
    judge_suspect("the result is there, and the wait goes on");
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm, NULL); /* in the thread that feeds */
    judge_thread(feed, NULL);
    sigprocmask(SIG_UNBLOCK, &alarm, NULL);
    signal_often();
    judge_result(own_wait(&results, &cqe, LONG_MS), 0, "EINTR is not the end "
                 "of the wait");
    judge_result(cqe.res, 3, "the result is that of the read");
    watch_is_settled();
}

static void check_error(void)
{
    begin();
    results.ring_fd = 900; /* closed */
    judge_run("own_wait on a descriptor that is not a ring");
    judge_expect("-EBADF");
    judge_suspect("an error of io_uring_enter other than ETIME and EINTR ends "
                  "the wait");
    judge_result(own_wait(&results, &cqe, LONG_MS), -EBADF, "an error of "
                 "io_uring_enter is -errno");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"results that are there need no system call", check_there},
        {"a wait ends with its limit", check_nothing},
        {"a failed enter is reported", check_error},
        {"signals do not end a wait", check_result},
        {"signals do not make a wait longer", check_signals},
    };

    return judge_main("own_wait", cases, sizeof cases / sizeof *cases);
}
