/* signals.c: signals are results of a read.
 *
 * Tests of phase 4. Each runs in a new process, and so may block and raise any
 * signal. */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "await.h"
#include "children.h"
#include "no_threads.h"
#include "suite.h"

static const int termination[] = {SIGTERM, SIGINT};

/* Runs body(arg) as the first task of a new loop. */
static int run(task_fn *body, void *arg)
{
    struct loop loop;
    int rc;

    check_ring(loop_init(&loop, NULL));
    rc = loop_run(&loop, body, arg);
    loop_finish(&loop);
    return rc;
}

static int await_one(void *arg)
{
    return signals_await_signal(*(int *)arg);
}

TEST(a_signal_sent_before_the_wait_is_kept)
{
    int fd = signals_open(termination, 2);

    check(fd >= 0);
    kill(getpid(), SIGTERM);
    check_res(run(await_one, &fd), SIGTERM);
    close(fd);
}
END_TEST

/* One task waits, another sends: the loop is asleep in between. */
static int raise_later(void *arg)
{
    (void)arg;
    (void)await_sleep_ns(1000000);
    kill(getpid(), SIGINT);
    return 0;
}

static int wait_while_another_sends(void *arg)
{
    struct task sender = {0};
    int number;

    check_res(task_spawn(&sender, "sender", raise_later, NULL), 0);
    number = signals_await_signal(*(int *)arg);
    task_join(&sender);
    return number;
}

TEST(a_signal_wakes_a_loop_that_sleeps)
{
    int fd = signals_open(termination, 2);

    check_res(run(wait_while_another_sends, &fd), SIGINT);
    close(fd);
}
END_TEST

static int await_two(void *arg)
{
    int first = signals_await_signal(*(int *)arg),
        second = signals_await_signal(*(int *)arg);

    check(first != second);
    return first + second;
}

TEST(two_different_signals_are_two_results)
{
    int fd = signals_open(termination, 2);

    kill(getpid(), SIGTERM);
    kill(getpid(), SIGINT);
    check_res(run(await_two, &fd), SIGTERM + SIGINT);
    close(fd);
}
END_TEST

/* The second task's result arrives only with the second signal. */
static int await_one_number_twice(void *arg)
{
    int fd = *(int *)arg;

    check_res(signals_await_signal(fd), SIGTERM);
    kill(getpid(), SIGTERM);
    return signals_await_signal(fd);
}

TEST(a_signal_sent_again_is_a_second_result)
{
    int fd = signals_open(termination, 2);

    kill(getpid(), SIGTERM);
    check_res(run(await_one_number_twice, &fd), SIGTERM);
    close(fd);
}
END_TEST

TEST(a_signal_of_another_process_arrives)
{
    int fd = signals_open(termination, 2), status;
    pid_t parent = getpid(), child = fork();

    if (child == 0) {
        kill(parent, SIGTERM);
        _exit(0);
    }
    check_res(run(await_one, &fd), SIGTERM);
    check(children_wait(child, &status, 0) == child);
    close(fd);
}
END_TEST

static int await_with_deadline(void *arg)
{
    int rc;

    deadline_set_ns(1000000);
    rc = signals_await_signal(*(int *)arg);
    deadline_clear();
    if (rc != -ETIME)
        return rc;
    kill(getpid(), SIGTERM); /* nothing was lost by giving up */
    return signals_await_signal(*(int *)arg);
}

TEST(a_wait_that_times_out_loses_no_signal)
{
    int fd = signals_open(termination, 2);

    check_res(run(await_with_deadline, &fd), SIGTERM);
    close(fd);
}
END_TEST

static int cancel_the_wait(void *arg)
{
    struct task waiter = {0};

    check_res(task_spawn(&waiter, "waiter", await_one, arg), 0);
    task_yield();
    task_cancel(&waiter);
    return task_join(&waiter);
}

TEST(a_wait_for_a_signal_can_be_cancelled)
{
    int fd = signals_open(termination, 2);

    check_res(run(cancel_the_wait, &fd), -ECANCELED);
    close(fd);
}
END_TEST

TEST(an_invalid_signal_number_is_refused)
{
    const int numbers[] = {SIGTERM, 0};

    check_res(signals_open(numbers, 2), -EINVAL);
}
END_TEST

TEST(a_descriptor_that_delivers_no_signals_is_refused)
{
    int fds[2];

    check(pipe(fds) == 0);
    check(write(fds[1], "no signal", 9) == 9);
    check_res(run(await_one, &fds[0]), -EINVAL);
}
END_TEST

static bool has_ended;

static int await_and_end(void *arg)
{
    int number = signals_await_signal(*(int *)arg);

    has_ended = true;
    return number;
}

/* Cancels the wait after two reads that had no worker. */
static int await_without_workers(void *arg)
{
    struct task waiter = {0};

    forbid_threads();
    check_res(task_spawn(&waiter, "waiter", await_and_end, arg), 0);
    while (!has_ended && loop_current()->no_worker_count < 2)
        (void)await_sleep_ns(1000000);
    task_cancel(&waiter);
    return task_join(&waiter);
}

/* A read of a file in /proc always needs a worker, and a poll of it none. So
 * each read fails as one of a signalfd may. */
TEST(a_wait_for_a_signal_goes_on_after_a_read_without_a_worker)
{
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

    check(fd >= 0);
    check_res(run(await_without_workers, &fd), -ECANCELED);
    close(fd);
}
END_TEST

int main(void)
{
    suite_begin("signals");
    suite_add(a_signal_sent_before_the_wait_is_kept);
    suite_add(a_signal_wakes_a_loop_that_sleeps);
    suite_add(two_different_signals_are_two_results);
    suite_add(a_signal_sent_again_is_a_second_result);
    suite_add(a_signal_of_another_process_arrives);
    suite_add(a_wait_that_times_out_loses_no_signal);
    suite_add(a_wait_for_a_signal_can_be_cancelled);
    suite_add(an_invalid_signal_number_is_refused);
    suite_add(a_descriptor_that_delivers_no_signals_is_refused);
    suite_add_unless(why_threads_are_allowed(),
                     a_wait_for_a_signal_goes_on_after_a_read_without_a_worker);
    return suite_end();
}
