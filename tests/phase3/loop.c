/* loop.c: the five steps, in their order, and no more of them than needed. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include "await.h"
#include "forked.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)

static char order[4096];
static unsigned steps;

static void note(char what)
{
    if (steps < sizeof order - 1)
        order[steps++] = what;
}

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

/* --- the order of an iteration ------------------------------------------- */

static struct op noted_op;
static struct future noted_future;

static void note_completion(struct op *op, int result, uint32_t flags)
{
    (void)op;
    ck_assert_uint_eq(flags & IORING_CQE_F_MORE, 0);
    note('c');
    future_complete(&noted_future, result);
}

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
TEST(ready_tasks_then_timers_then_completions)
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

TEST(what_ten_tasks_ask_for_goes_to_the_kernel_in_one_call)
{
    ck_assert_int_le(run(ten_tasks_of_three, NULL), 4);
}

/* --- waiting -------------------------------------------------------------- */

static int read_one(void *arg)
{
    char byte;

    return await_read(*(int *)arg, &byte, 1, AWAIT_STREAM);
}

/* What a second of waiting takes. */
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

/* On a machine that is not ours alone a moment of ours may be charged with what
 * a host did meanwhile: then another second has to show it. */
static int idle_for_some_seconds(void *arg)
{
    uint64_t used_ns = UINT64_MAX, limit_ns = 1 * MS * TOOLS_STACK_FACTOR;
    struct task reader = {0};
    int ends[2];

    (void)arg;
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

/* FAILURES D-20: the one call is the one that waits for the second to pass. */
TEST(an_idle_second_costs_one_system_call_and_no_time)
{
    check_res(run(idle_for_some_seconds, NULL), 0);
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

/* FAILURES D-17: now + huge must not be a time in the past, neither here nor
 * in the kernel, or the loop spins. The alarm ends the one wait. */
TEST(a_deadline_in_the_next_century_is_waited_for)
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

/* FAILURES D-25. */
TEST(a_thousand_signals_a_second_change_nothing)
{
    set_alarms(1000, 1000);
    check_res(run(sleep_while_signals_come, NULL), 0);
    ck_assert_int_ge(signals, 1);
    set_alarms(0, 0);
}

static int sleep_for_no_time(void *arg)
{
    (void)arg;
    for (int i = 0; i < 1000; i++)
        check_res(await_sleep_ns((uint64_t)i % 3), 0);
    return 0;
}

/* FAILURES D-21. */
TEST(a_deadline_that_has_passed_is_not_waited_for)
{
    check_res(run(sleep_for_no_time, NULL), 0);
}

static void work_for_ns(uint64_t ns)
{
    uint64_t until_ns = sys_now_ns() + ns;

    while (sys_now_ns() < until_ns)
        continue;
}

/* Works for 30 ms of 40 before it waits. Returns the milliseconds of all. */
static int work_before_waiting(void *arg)
{
    uint64_t began_ns = loop_now_ns();

    deadline_set_ns(40 * MS);
    work_for_ns(30 * MS);
    check_res(await_poll(*(int *)arg, POLLIN), -ETIME);
    ck_assert_uint_ge(sys_now_ns() - began_ns, 40 * MS);
    return (int)((sys_now_ns() - began_ns) / MS);
}

/* A wait is counted from when it begins, not from when the tasks began that ran
 * before it: that would be 70 ms. A busy machine may be late, not ten times. */
TEST(the_time_that_tasks_take_is_not_added_to_a_deadline)
{
    int ends[2], took_ms = 100;

    check_res(pipe(ends), 0);
    for (int i = 0; i < 10 && took_ms >= 65; i++)
        took_ms = run(work_before_waiting, &ends[0]);
    ck_assert_int_lt(took_ms, 65);
    close(ends[0]);
    close(ends[1]);
}

/* --- floods --------------------------------------------------------------- */

static bool stop;

static int yield_until_stop(void *arg)
{
    (void)arg;
    while (!stop)
        task_yield();
    return 0;
}

static int ping_through_a_flood(void *arg)
{
    struct task flood = {0};
    uint64_t switches;

    (void)arg;
    stop = false;
    check_res(task_spawn(&flood, "flood", yield_until_stop, NULL), 0);
    switches = loop.sched.switches;
    for (int i = 0; i < 100; i++)
        check_res(await_nop(), 0);
    switches = loop.sched.switches - switches;
    stop = true;
    check_res(task_join(&flood), 0);
    return (int)switches;
}

/* FAILURES D-11: each ping waits for one budget of the flood, not for its
 * end. */
TEST(a_task_that_never_waits_does_not_starve_one_that_does)
{
    int switches = run(ping_through_a_flood, NULL);

    ck_assert_int_ge(switches, 100);
    ck_assert_int_le(switches, 102 * (int)LOOP_TASK_BUDGET);
}

static void fire_again(struct timer *timer)
{
    check_res(timer_arm(&loop.sched.timers, timer, 0), 0);
}

static int ping_through_timers(void *arg)
{
    struct timer timers[32] = {{0}};

    (void)arg;
    for (int i = 0; i < 32; i++) {
        timers[i].fire = fire_again;
        check_res(timer_arm(&loop.sched.timers, &timers[i], 0), 0);
    }
    for (int i = 0; i < 100; i++)
        check_res(await_nop(), 0);
    for (int i = 0; i < 32; i++)
        timer_disarm(&loop.sched.timers, &timers[i]);
    return 0;
}

TEST(timers_that_are_always_due_do_not_starve_a_task)
{
    check_res(run(ping_through_timers, NULL), 0);
}

static uintptr_t lowest, highest;
static long chain_left;

static void start_again(struct op *op, int result, uint32_t flags)
{
    volatile char here = 0;
    uintptr_t local = (uintptr_t)&here;

    (void)flags;
    check_res(result, 0);
    lowest = local < lowest ? local : lowest;
    highest = local > highest ? local : highest;
    if (!stop && --chain_left > 0)
        io_uring_prep_nop(loop_sqe(op));
}

static int start_chain(void *arg)
{
    struct op *op = arg;

    op->complete = start_again;
    lowest = UINTPTR_MAX;
    highest = 0;
    stop = false;
    io_uring_prep_nop(loop_sqe(op));
    return 0;
}

/* PITFALLS 30, FAILURES D-12. */
TEST(a_hundred_thousand_completions_in_a_chain_do_not_grow_the_stack)
{
    struct op op = {0};

    chain_left = 100000;
    check_res(run(start_chain, &op), 0);
    ck_assert_int_eq((int)chain_left, 0);
    ck_assert_uint_eq(lowest, highest);
}

static int ping_through_callbacks(void *arg)
{
    struct op *ops = arg;

    for (int i = 0; i < 8; i++)
        start_chain(&ops[i]);
    for (int i = 0; i < 100; i++)
        check_res(await_sleep_ns(0), 0);
    stop = true;
    return 0;
}

/* With two entries in the SQ a callback that starts an operation enters the
 * kernel from inside the walk over the CQEs, which never ends by itself. */
TEST(callbacks_that_always_start_again_do_not_starve_a_task)
{
    struct loop_options options = {.ring = {.sq_entries = 2, .cq_entries = 8}};
    struct op ops[8] = {{0}};

    chain_left = 1000000;
    check_ring(loop_init(&loop, &options));
    check_res(loop_run(&loop, ping_through_callbacks, ops), 0);
    ck_assert_int_gt((int)chain_left, 900000);
    loop_finish(&loop);
}

static int poll_it(void *arg)
{
    return await_poll(*(int *)arg, POLLIN);
}

static int poll_with_a_hundred(void *arg)
{
    static struct task tasks[100];
    int ends[2];

    (void)arg;
    check_res(pipe(ends), 0);
    for (int i = 0; i < 100; i++)
        check_res(task_spawn(&tasks[i], "poll", poll_it, &ends[0]), 0);
    while (loop_in_flight(&loop) < 100)
        check_res(await_nop(), 0);
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    for (int i = 0; i < 100; i++)
        check_res(task_join(&tasks[i]), POLLIN);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* PITFALLS 28: with DEFER_TASKRUN the kernel hands out 20 an enter. */
TEST(a_hundred_completions_that_are_ready_at_once_all_arrive)
{
    check_res(run(poll_with_a_hundred, NULL), 0);
}

/* --- slots ---------------------------------------------------------------- */

static int twenty_nops(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++)
        check_res(await_nop(), 0);
    ck_assert_uint_le(loop_in_flight(&loop), 2);
    return 20;
}

static int fifty_tasks_of_twenty(void *arg)
{
    static struct task tasks[50];
    int sum = 0;

    (void)arg;
    for (int i = 0; i < 50; i++)
        check_res(task_spawn(&tasks[i], "nops", twenty_nops, NULL), 0);
    for (int i = 0; i < 50; i++)
        sum += task_join(&tasks[i]);
    return sum;
}

static void start_tiny(void)
{
    struct loop_options options = {.ring = {.sq_entries = 2, .cq_entries = 2}};

    check_ring(loop_init(&loop, &options));
    ck_assert_uint_eq(loop.ring.cq_entries, 2);
}

TEST(a_ring_with_two_entries_serves_fifty_tasks)
{
    start_tiny();
    check_res(loop_run(&loop, fifty_tasks_of_twenty, NULL), 1000);
    ck_assert_uint_eq(loop.ring.counters.overflows, 0);
    loop_finish(&loop);
}

static int cancel_both_pollers(void *arg)
{
    struct task tasks[2];

    memset(tasks, 0, sizeof tasks);
    for (int i = 0; i < 2; i++)
        check_res(task_spawn(&tasks[i], "poll", poll_it, arg), 0);
    task_yield();
    check(!loop_has_slot());
    for (int i = 0; i < 2; i++)
        task_cancel(&tasks[i]);
    for (int i = 0; i < 2; i++)
        check_res(task_join(&tasks[i]), -ECANCELED);
    return 0;
}

/* The answers to the cancels are two more than there are entries: the CQ may
 * overflow, and nothing may be lost by it. */
TEST(cancels_need_no_slots)
{
    int ends[2];

    check_res(pipe(ends), 0);
    start_tiny();
    check_res(loop_run(&loop, cancel_both_pollers, &ends[0]), 0);
    ck_assert_uint_eq(loop.stale_cqes, 0);
    loop_finish(&loop);
    close(ends[0]);
    close(ends[1]);
}

/* --- ends ----------------------------------------------------------------- */

/* FAILURES B-15. */
TEST(a_completion_that_nobody_waits_for_is_counted_and_dropped)
{
    loop_start();
    noted_op.complete = note_completion;
    io_uring_prep_nop(loop_sqe(&noted_op));
    for (int i = 0; i < 2; i++)
        io_uring_prep_nop(ring_sqe(&loop.ring, noted_op.handle + 1));
    io_uring_prep_nop(ring_sqe(&loop.ring, HANDLE_NONE));
    while (loop_in_flight(&loop) > 0 || ring_needs_enter(&loop.ring))
        check_res(loop_step(&loop, false), 0);
    ck_assert_uint_eq(loop.stale_cqes, 2);
    ck_assert_str_eq(order, "c");
    loop_finish(&loop);
}

static int start_and_leave(void *arg)
{
    struct op *op = arg;

    op->complete = note_completion;
    io_uring_prep_nop(loop_sqe(op));
    return 5;
}

TEST(the_loop_outlives_its_last_operation)
{
    struct op op = {0};

    check_res(run(start_and_leave, &op), 5);
    ck_assert_str_eq(order, "c");
    check(!op_is_in_flight(&op));
}

/* Runs fn with stderr in text. Returns what loop_run does. */
static int run_with_stderr(task_fn *fn, void *arg, char *text, size_t len)
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO), rc;
    size_t got;

    check(file != NULL && saved >= 0);
    dup2(fileno(file), STDERR_FILENO);
    rc = loop_run(&loop, fn, arg);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    got = fread(text, 1, len - 1, file);
    text[got] = '\0';
    fclose(file);
    return rc;
}

static struct task left[3];

static int leave_some_alive(void *arg)
{
    static const char *const names[] = {"one", "two", "three"};

    for (int i = 0; i < 3; i++)
        check_res(task_spawn(&left[i], names[i], poll_it, arg), 0);
    return 0;
}

/* FAILURES D-09, D-23. */
TEST(tasks_left_alive_are_named_cancelled_and_an_error)
{
    char text[1024];
    int ends[2];

    check_res(pipe(ends), 0);
    loop_start();
    check_res(run_with_stderr(leave_some_alive, &ends[0], text, sizeof text),
              -EBUSY);
    check(strstr(text, "'one'") != NULL);
    check(strstr(text, "'two'") != NULL);
    check(strstr(text, "'three'") != NULL);
    check(strstr(text, "'main'") == NULL);
    for (int i = 0; i < 3; i++)
        check_res(left[i].result, -ECANCELED);
    loop_finish(&loop);
    close(ends[0]);
    close(ends[1]);
}

static int spawn_another_when_cancelled(void *arg)
{
    check_res(await_poll(*(int *)arg, POLLIN), -ECANCELED);
    return task_spawn(&left[1], "late", poll_it, arg);
}

static int leave_one_that_spawns(void *arg)
{
    return task_spawn(&left[0], "spawner", spawn_another_when_cancelled, arg);
}

TEST(a_task_that_starts_while_the_loop_ends_is_cancelled_too)
{
    char text[1024];
    int ends[2];

    check_res(pipe(ends), 0);
    loop_start();
    check_res(run_with_stderr(leave_one_that_spawns, &ends[0], text,
                              sizeof text), -EBUSY);
    check_res(left[1].result, -ECANCELED);
    loop_finish(&loop);
    close(ends[0]);
    close(ends[1]);
}

static int wait_for_nothing(void *arg)
{
    struct future never = {0};

    (void)arg;
    return future_wait(&never);
}

/* FAILURES D-09. The tasks stay parked for ever: this process ends with
 * them. */
TEST(waiting_for_what_cannot_happen_is_a_named_deadlock)
{
    char text[1024];

    loop_start();
    check_res(run_with_stderr(wait_for_nothing, NULL, text, sizeof text),
              -EDEADLK);
    check(strstr(text, "'main'") != NULL);
}

/* FAILURES A-09: half of a loop is not left behind. */
TEST(a_loop_that_cannot_be_made_leaves_nothing)
{
    struct loop_options options = {.tasks_max = 1u << 20,
                                   .stack_len = (size_t)1 << 28};
    int fd = dup(0);

    close(fd);
    check_res(loop_init(&loop, &options), -ENOMEM);
    ck_assert_int_eq(dup(0), fd);
    close(fd);
    loop_finish(&loop);
    check_res(run(three_nops, NULL), 0);
}

static int look_twice_at_the_clock(void *arg)
{
    uint64_t first_ns = loop_now_ns();

    (void)arg;
    work_for_ns(1 * MS);
    ck_assert_uint_eq(loop_now_ns(), first_ns);
    check_res(await_nop(), 0);
    ck_assert_uint_ge(loop_now_ns(), first_ns + 1 * MS);
    return 0;
}

TEST(time_stands_still_while_a_task_runs)
{
    check_res(run(look_twice_at_the_clock, NULL), 0);
}

static void finish_in_flight(void)
{
    struct op op = {.complete = note_completion};

    loop_start();
    io_uring_prep_nop(loop_sqe(&op));
    loop_finish(&loop);
}

static void start_one_twice(void)
{
    struct op op = {.complete = note_completion};

    loop_start();
    io_uring_prep_nop(loop_sqe(&op));
    io_uring_prep_nop(loop_sqe(&op));
}

static int step_again(void *arg)
{
    return loop_step(arg, false);
}

static void step_inside_a_task(void)
{
    loop_start();
    loop_run(&loop, step_again, &loop);
}

/* FAILURES B-26. */
TEST(misuse_is_asserted)
{
    check(forked_aborts(finish_in_flight));
    check(forked_aborts(start_one_twice));
    check(forked_aborts(step_inside_a_task));
}

static void add_ends(void)
{
    suite_add(a_completion_that_nobody_waits_for_is_counted_and_dropped);
    suite_add(the_loop_outlives_its_last_operation);
    suite_add(tasks_left_alive_are_named_cancelled_and_an_error);
    suite_add(a_task_that_starts_while_the_loop_ends_is_cancelled_too);
    suite_add(waiting_for_what_cannot_happen_is_a_named_deadlock);
    suite_add(a_loop_that_cannot_be_made_leaves_nothing);
    suite_add(time_stands_still_while_a_task_runs);
    suite_add(misuse_is_asserted);
}

int main(void)
{
    const char *too_small = why_ring_is_too_small();

    suite_begin("loop");
    suite_add(loop_run_returns_what_the_first_task_returned);
    suite_add(ready_tasks_then_timers_then_completions);
    suite_add_unless(too_small,
                     what_ten_tasks_ask_for_goes_to_the_kernel_in_one_call);
    suite_add(an_idle_second_costs_one_system_call_and_no_time);
    suite_add(a_deadline_in_the_next_century_is_waited_for);
    suite_add(a_thousand_signals_a_second_change_nothing);
    suite_add(a_deadline_that_has_passed_is_not_waited_for);
    suite_add(the_time_that_tasks_take_is_not_added_to_a_deadline);
    suite_add(a_task_that_never_waits_does_not_starve_one_that_does);
    suite_add(timers_that_are_always_due_do_not_starve_a_task);
    suite_add(a_hundred_thousand_completions_in_a_chain_do_not_grow_the_stack);
    suite_add(callbacks_that_always_start_again_do_not_starve_a_task);
    suite_add_unless(too_small,
                     a_hundred_completions_that_are_ready_at_once_all_arrive);
    suite_add(a_ring_with_two_entries_serves_fifty_tasks);
    suite_add(cancels_need_no_slots);
    add_ends();
    return suite_end();
}
