/* loop.c: the five steps, in their order, and no more of them than needed: no
 * system call and no time while the loop is idle. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "await.h"
#include "noted.h"

#define MS UINT64_C(1000000)

static int return_arg(void *arg)
{
    return *(int *)arg;
}

TEST(loop_run_returns_what_the_first_task_returned)
{
    int values[] = {0, 42, -EIO};

    for (int i = 0; i < 3; i++)
        check_res(run(return_arg, &values[i]), values[i]);
}

static struct op noted_op;

static void note_timer(struct timer *timer)
{
    (void)timer;
    note('t');
}

static int note_ready(void *arg)
{
    (void)arg;
    note('r');
    return 0;
}

static int note_woken(void *arg)
{
    (void)arg;
    future_wait(&noted_future);
    note('w');
    return 0;
}

/* DOC: the table of loop.h. Ready tasks, then timers, then completions; who was
 * waiting for a completion runs in the next iteration. */
TEST(the_loop_serves_ready_tasks_then_timers_then_completions)
{
    struct task tasks[3];
    struct timer timer = {.fire = note_timer};

    memset(tasks, 0, sizeof tasks);
    loop_start();
    noted_op.complete = note_completion;
    io_uring_prep_nop(loop_sqe(&noted_op));
    check_res(timer_arm(&loop.sched.timers, &timer, 0), 0);
    for (int i = 0; i < 3; i++)
        check_res(task_spawn(&tasks[i], "t", i == 0 ? note_woken : note_ready,
                             NULL), 0);
    check_res(loop_step(&loop, false), 0);
    ck_assert_str_eq(order, "rrtc");
    check_res(loop_step(&loop, false), 0);
    ck_assert_str_eq(order, "rrtcw");
    loop_finish(&loop);
}

static int three_nops(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        check_res(await_nop(), 0);
    return 0;
}

static int ten_tasks_of_three(void *arg)
{
    static struct task tasks[10];

    (void)arg;
    for (int i = 0; i < 10; i++)
        check_res(task_spawn(&tasks[i], "nops", three_nops, NULL), 0);
    for (int i = 0; i < 10; i++)
        check_res(task_join(&tasks[i]), 0);
    return (int)loop.ring.counters.enters;
}

TEST(the_operations_of_ten_tasks_are_submitted_in_one_call)
{
    ck_assert_int_le(run(ten_tasks_of_three, NULL), 4);
}

static int read_one(void *arg)
{
    char byte;

    return await_read(*(int *)arg, &byte, 1, AWAIT_STREAM);
}

/* Returns the CPU time of one second of waiting. */
static uint64_t idle_for_a_second(void)
{
    uint64_t enters = loop.ring.counters.enters, iterations = loop.iterations;
    uint64_t began_ns = loop_now_ns(), used_ns = cpu_ns();

    check_res(await_sleep_ns(1000 * MS), 0);
    used_ns = cpu_ns() - used_ns;
    ck_assert_uint_ge(loop_now_ns() - began_ns, 1000 * MS);
    ck_assert_uint_eq(loop.ring.counters.enters - enters, 1);
    ck_assert_uint_le(loop.iterations - iterations, 2);
    return used_ns;
}

/* On a shared machine the kernel may charge time of a virtual host to this
 * process: then another second is measured. The only system call is the wait
 * for the second to pass. */
TASK_TEST(an_idle_second_costs_one_system_call_and_no_cpu_time)
{
    uint64_t used_ns = UINT64_MAX, limit_ns = 1 * MS * TOOLS_STACK_FACTOR;
    struct task reader = {0};
    int ends[2];

    check_res(pipe(ends), 0);
    check_res(task_spawn(&reader, "reader", read_one, &ends[0]), 0);
    check_res(await_sleep_ns(1 * MS), 0);
    for (int i = 0; i < 10 && used_ns >= limit_ns; i++)
        used_ns = idle_for_a_second();
    ck_assert_uint_lt(used_ns, limit_ns);
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    check_res(task_join(&reader), 1);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

static void set_alarms(long first_us, long interval_us)
{
    struct sigaction action = {.sa_handler = count_signal,
                               .sa_flags = SA_RESTART};
    struct itimerval when = {.it_interval.tv_usec = interval_us,
                             .it_value.tv_usec = first_us};

    signals = 0;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &when, NULL);
}

static void never_fire(struct timer *timer)
{
    (void)timer;
    ck_abort_msg("a timer of the next century fired");
}

/* now + huge must not be a time in the past, neither here nor in the kernel, or
 * the loop spins. The alarm ends the one wait. */
TEST(the_loop_waits_for_a_deadline_in_the_next_century)
{
    uint64_t delays[] = {TIMER_NEVER - 1, UINT64_C(1) << 63,
                         UINT64_C(1) << 62};
    struct timer timer = {.fire = never_fire};

    loop_start();
    for (int i = 0; i < 3; i++) {
        uint64_t enters = loop.ring.counters.enters;

        check_res(timer_arm(&loop.sched.timers, &timer, delays[i]), 0);
        set_alarms(20000, 0);
        while (signals == 0)
            check_res(loop_step(&loop, true), 0);
        ck_assert_uint_le(loop.ring.counters.enters - enters, 2);
    }
    timer_disarm(&loop.sched.timers, &timer);
    loop_finish(&loop);
}

static int sleep_while_signals_come(void *arg)
{
    uint64_t began_ns = loop_now_ns();

    (void)arg;
    check_res(await_sleep_ns(50 * MS), 0);
    ck_assert_uint_ge(sys_now_ns() - began_ns, 50 * MS);
    return three_nops(NULL);
}

TEST(a_thousand_signals_per_second_do_not_disturb_a_sleep)
{
    set_alarms(1000, 1000);
    check_res(run(sleep_while_signals_come, NULL), 0);
    ck_assert_int_ge(signals, 1);
    set_alarms(0, 0);
}

TASK_TEST(the_loop_does_not_wait_for_a_deadline_that_has_passed)
{
    for (int i = 0; i < 1000; i++)
        check_res(await_sleep_ns((uint64_t)i % 3), 0);
    return 0;
}

static void work_for_ns(uint64_t ns)
{
    uint64_t until_ns = sys_now_ns() + ns;

    while (sys_now_ns() < until_ns)
        continue;
}

/* Works for 300 ms of 400 before it waits. Returns the milliseconds of all. */
static int work_before_waiting(void *arg)
{
    uint64_t began_ns = loop_now_ns();

    deadline_set_ns(400 * MS);
    work_for_ns(300 * MS);
    check_res(await_poll(*(int *)arg, POLLIN), -ETIME);
    ck_assert_uint_ge(sys_now_ns() - began_ns, 400 * MS);
    return (int)((sys_now_ns() - began_ns) / MS);
}

/* A wait is counted from when it begins, not from when the tasks began that ran
 * before it: that would be 700 ms. A busy machine is not late ten times. */
TEST(the_time_that_tasks_take_is_not_added_to_a_deadline)
{
    int ends[2], took_ms = 1000;

    check_res(pipe(ends), 0);
    for (int i = 0; i < 10 && took_ms >= 650; i++)
        took_ms = run(work_before_waiting, &ends[0]);
    ck_assert_int_lt(took_ms, 650);
    close(ends[0]);
    close(ends[1]);
}

TASK_TEST(the_loops_time_does_not_change_while_a_task_runs)
{
    uint64_t first_ns = loop_now_ns();

    work_for_ns(1 * MS);
    ck_assert_uint_eq(loop_now_ns(), first_ns);
    check_res(await_nop(), 0);
    ck_assert_uint_ge(loop_now_ns(), first_ns + 1 * MS);
    return 0;
}

int main(void)
{
    const char *too_small = why_ring_is_too_small();

    suite_begin("loop");
    suite_add(the_loops_time_does_not_change_while_a_task_runs);
    suite_add(loop_run_returns_what_the_first_task_returned);
    suite_add(the_loop_serves_ready_tasks_then_timers_then_completions);
    suite_add_unless(too_small,
                     the_operations_of_ten_tasks_are_submitted_in_one_call);
    suite_add(an_idle_second_costs_one_system_call_and_no_cpu_time);
    suite_add(the_loop_waits_for_a_deadline_in_the_next_century);
    suite_add(a_thousand_signals_per_second_do_not_disturb_a_sleep);
    suite_add(the_loop_does_not_wait_for_a_deadline_that_has_passed);
    suite_add(the_time_that_tasks_take_is_not_added_to_a_deadline);
    return suite_end();
}
