/* task.c: tasks run alternately, end once, and get a cancel once. No kernel in
 * here: what they wait for is made up. */
#include "task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forked.h"
#include "rounding.h"
#include "suite.h"
#include "sys.h"
#include "tools.h"

#define TASKS 64

static struct sched sched;
static struct task tasks[TASKS];
static int order[1024], steps;

static void setup(uint32_t tasks_max)
{
    check_res(sched_init(&sched, tasks_max, 16 << 10, 4), 0);
    steps = 0;
}

static void run_all(void)
{
    while (!sched_is_idle(&sched))
        sched_run(&sched, 100);
}

static void teardown(void)
{
    run_all();
    ck_assert_uint_eq(sched.count, 0);
    sched_finish(&sched);
}

static void note(int number)
{
    ck_assert_int_lt(steps, 1024);
    order[steps++] = number;
}

static void spawn(int i, task_fn *fn)
{
    check_res(task_spawn(&tasks[i], "test", fn, &tasks[i]), 0);
}

static int self(void)
{
    return (int)(task_current() - tasks);
}

static int note_and_end(void *arg)
{
    ck_assert_ptr_eq(arg, task_current());
    note(self());
    return self() * 10;
}

static int note_and_yield(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++) {
        note(self());
        task_yield();
    }
    return 0;
}

TEST(a_spawned_task_does_not_run_before_its_turn)
{
    setup(4);
    spawn(0, note_and_end);
    ck_assert_int_eq(steps, 0);
    ck_assert_int_eq(tasks[0].state, TASK_READY);
    ck_assert_uint_eq(sched_run(&sched, 10), 1);
    ck_assert_int_eq(steps, 1);
    ck_assert_int_eq(tasks[0].state, TASK_ENDED);
    teardown();
}

TEST(tasks_run_in_the_order_in_which_they_became_ready)
{
    setup(4);
    for (int i = 0; i < 4; i++)
        spawn(i, note_and_yield);
    run_all();
    ck_assert_int_eq(steps, 12);
    for (int i = 0; i < 12; i++)
        ck_assert_int_eq(order[i], i % 4);
    teardown();
}

static int yield_for_ever(void *arg)
{
    const bool *stop = arg;

    while (!*stop)
        task_yield();
    return 0;
}

TEST(a_budget_bounds_what_one_run_does)
{
    bool stop = false;

    setup(4);
    check_res(task_spawn(&tasks[0], "test", yield_for_ever, &stop), 0);
    ck_assert_uint_eq(sched_run(&sched, 100), 100);
    ck_assert_uint_eq(sched.switches, 100);
    stop = true;
    teardown();
}

static int join_next(void *arg)
{
    (void)arg;
    return task_join(&tasks[self() + 1]) + 1;
}

TEST(join_returns_what_the_task_returned)
{
    setup(4);
    spawn(0, join_next);
    spawn(1, join_next);
    spawn(2, note_and_end);
    run_all();
    ck_assert_int_eq(tasks[0].result, 22);
    /* And at once, if it has ended. */
    spawn(1, join_next);
    ck_assert_uint_eq(sched_run(&sched, 1), 1);
    ck_assert_int_eq(tasks[1].result, 21);
    teardown();
}

/* FAILURES D-22. */
TEST(the_ninth_task_of_eight_is_refused)
{
    setup(8);
    for (int i = 0; i < 8; i++)
        spawn(i, note_and_end);
    check_res(task_spawn(&tasks[8], "test", note_and_end, NULL), -EAGAIN);
    ck_assert_uint_eq(sched.count, 8);
    sched_run(&sched, 1);
    spawn(8, note_and_end);
    teardown();
    ck_assert_int_eq(steps, 9);
}

/* Waiting for what only the test itself makes come true. */
struct parked {
    struct task_wait wait;
    struct task *task;
    int interrupts;
};

static void wake_interrupted(struct task_wait *wait)
{
    struct parked *parked = container_of(wait, struct parked, wait);

    parked->interrupts++;
    task_make_ready(parked->task);
}

static struct parked parked;

static int park_once(void)
{
    parked.wait.interrupt = wake_interrupted;
    parked.task = task_current();
    task_park(&parked.wait);
    return task_take_interruption();
}

static int park_three_times(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        note(park_once());
    return 0;
}

static void start_parked(void)
{
    setup(4);
    parked = (struct parked){0};
    spawn(0, park_three_times);
    run_all();
    ck_assert_int_eq(tasks[0].state, TASK_PARKED);
}

static void wake(void)
{
    task_make_ready(&tasks[0]);
    run_all();
}

static void check_steps(int first, int second, int third)
{
    ck_assert_int_eq(steps, 3);
    check_res(order[0], first);
    check_res(order[1], second);
    check_res(order[2], third);
    teardown();
}

/* FAILURES D-13: the table of who is cancelled, and when. */
TEST(a_parked_task_gets_a_cancel_once)
{
    start_parked();
    task_cancel(&tasks[0]);
    run_all();
    wake();
    wake();
    ck_assert_int_eq(parked.interrupts, 1);
    check_steps(-ECANCELED, 0, 0);
}

TEST(cancelling_twice_is_cancelling_once)
{
    start_parked();
    task_cancel(&tasks[0]);
    task_cancel(&tasks[0]);
    run_all();
    wake();
    wake();
    ck_assert_int_eq(parked.interrupts, 1);
    check_steps(-ECANCELED, 0, 0);
}

TEST(a_ready_task_gets_a_cancel_when_it_parks)
{
    setup(4);
    parked = (struct parked){0};
    spawn(0, park_three_times);
    task_cancel(&tasks[0]);
    ck_assert_int_eq(parked.interrupts, 0);
    run_all();
    ck_assert_int_eq(parked.interrupts, 1);
    wake();
    wake();
    check_steps(-ECANCELED, 0, 0);
}

TEST(a_task_that_was_woken_first_keeps_the_cancel_for_its_next_wait)
{
    start_parked();
    task_make_ready(&tasks[0]);
    task_cancel(&tasks[0]);
    ck_assert_int_eq(parked.interrupts, 0);
    /* park_once asks for an interruption after each wait, so this one does
     * deliver it, though it was not what woke the task. */
    run_all();
    wake();
    wake();
    check_steps(-ECANCELED, 0, 0);
}

static int cancel_oneself(void *arg)
{
    (void)arg;
    task_cancel(task_current());
    for (int i = 0; i < 3; i++)
        note(i == 0 ? park_once() : 0);
    return 7;
}

TEST(a_task_may_cancel_itself)
{
    setup(4);
    parked = (struct parked){0};
    spawn(0, cancel_oneself);
    run_all();
    ck_assert_int_eq(tasks[0].result, 7);
    ck_assert_int_eq(parked.interrupts, 1);
    check_steps(-ECANCELED, 0, 0);
}

TEST(cancelling_what_has_ended_or_never_began_does_nothing)
{
    struct task never = {0};

    setup(4);
    spawn(0, note_and_end);
    run_all();
    task_cancel(&tasks[0]);
    task_cancel(&never);
    ck_assert_int_eq(tasks[0].interruption, 0);
    ck_assert_int_eq(never.interruption, 0);
    teardown();
}

static int park_deaf(void *arg)
{
    (void)arg;
    task_park(NULL);
    note(1);
    note(park_once());
    return 0;
}

TEST(a_wait_that_cannot_be_interrupted_keeps_the_cancel_for_the_next)
{
    setup(4);
    parked = (struct parked){0};
    spawn(0, park_deaf);
    run_all();
    task_cancel(&tasks[0]);
    ck_assert_int_eq(tasks[0].state, TASK_PARKED);
    wake();
    ck_assert_int_eq(order[0], 1);
    check_res(order[1], -ECANCELED);
    teardown();
}

/* Such as an operation: told once, it will end, but not at once. */
static void wake_later(struct task_wait *wait)
{
    container_of(wait, struct parked, wait)->interrupts++;
}

static int park_for_later(void *arg)
{
    parked.wait.interrupt = wake_later;
    (void)arg;
    task_park(&parked.wait);
    return task_take_interruption();
}

TEST(what_a_task_waits_for_is_told_once_however_often_it_is_cancelled)
{
    setup(4);
    parked = (struct parked){0};
    spawn(0, park_for_later);
    run_all();
    for (int i = 0; i < 3; i++)
        task_cancel(&tasks[0]);
    ck_assert_int_eq(parked.interrupts, 1);
    wake();
    check_res(tasks[0].result, -ECANCELED);
    teardown();
}

static int leave_a_deadline(void *arg)
{
    (void)arg;
    task_set_deadline(100);
    return 0;
}

static void let_pass(uint64_t now_ns)
{
    timers_fire(&sched.timers, now_ns, 100);
    run_all();
}

static uint64_t deadlines[4];

static int park_with_deadlines(void *arg)
{
    (void)arg;
    for (int i = 0; i < 4; i++) {
        if (deadlines[i] != 0)
            task_set_deadline(deadlines[i]);
        note(park_once());
    }
    return 0;
}

static void start_with_deadlines(uint64_t first, uint64_t second)
{
    setup(4);
    parked = (struct parked){0};
    deadlines[0] = first;
    deadlines[1] = second;
    spawn(0, park_with_deadlines);
    run_all();
}

static void end_deadlines(void)
{
    while (tasks[0].state != TASK_ENDED)
        wake();
    teardown();
}

TEST(a_deadline_ends_a_wait_once)
{
    start_with_deadlines(100, 0);
    let_pass(99);
    ck_assert_int_eq(steps, 0);
    let_pass(100);
    ck_assert_int_eq(steps, 1);
    check_res(order[0], -ETIME);
    let_pass(1000);
    ck_assert_int_eq(steps, 1);
    end_deadlines();
}

TEST(a_deadline_that_was_moved_later_is_the_later_one)
{
    start_with_deadlines(100, 200);
    wake();
    let_pass(150);
    ck_assert_int_eq(steps, 1);
    let_pass(200);
    check_res(order[1], -ETIME);
    end_deadlines();
}

TEST(a_deadline_that_was_moved_earlier_is_the_earlier_one)
{
    start_with_deadlines(200, 100);
    wake();
    let_pass(100);
    ck_assert_int_eq(steps, 2);
    check_res(order[1], -ETIME);
    let_pass(200);
    ck_assert_int_eq(steps, 2);
    end_deadlines();
}

TEST(a_deadline_that_was_taken_away_does_not_pass)
{
    start_with_deadlines(100, TIMER_NEVER);
    wake();
    let_pass(10000);
    ck_assert_int_eq(steps, 1);
    end_deadlines();
    check_res(order[1], 0);
}

TEST(a_deadline_in_the_past_passes_at_the_next_look_at_the_clock)
{
    setup(4);
    timers_fire(&sched.timers, 5000, 100);
    sched_finish(&sched);
    start_with_deadlines(1, 0);
    ck_assert_int_eq(steps, 0);
    let_pass(5000);
    check_res(order[0], -ETIME);
    end_deadlines();
}

TEST(a_cancel_outranks_a_deadline_that_has_passed)
{
    start_with_deadlines(100, 0);
    /* Interrupted by the deadline, and cancelled before it could run. */
    timers_fire(&sched.timers, 100, 100);
    task_cancel(&tasks[0]);
    run_all();
    ck_assert_int_eq(parked.interrupts, 1);
    check_res(order[0], -ECANCELED);
    end_deadlines();
}

TEST(a_deadline_does_not_replace_a_cancel)
{
    start_with_deadlines(100, 0);
    task_cancel(&tasks[0]);
    timers_fire(&sched.timers, 100, 100);
    run_all();
    check_res(order[0], -ECANCELED);
    ck_assert_int_eq(steps, 1);
    end_deadlines();
}

/* FAILURES D-16: the timer lies in a task that may be freed. */
TEST(a_deadline_ends_with_its_task)
{
    setup(4);
    spawn(0, leave_a_deadline);
    run_all();
    ck_assert_int_eq(tasks[0].state, TASK_ENDED);
    ck_assert_uint_eq(sched.timers.count, 0);
    teardown();
}

static int set_a_new_deadline_when_late(void *arg)
{
    (void)arg;
    task_set_deadline(100);
    task_park(NULL); /* deaf: the deadline passes in here */
    task_set_deadline(1000);
    note(park_once());
    return 0;
}

TEST(a_new_deadline_forgets_that_the_old_one_passed)
{
    setup(4);
    parked = (struct parked){0};
    spawn(0, set_a_new_deadline_when_late);
    run_all();
    let_pass(100);
    wake();
    ck_assert_int_eq(steps, 0);
    let_pass(999);
    ck_assert_int_eq(steps, 0);
    let_pass(1000);
    check_res(order[0], -ETIME);
    teardown();
}

static void free_task(struct task *task)
{
    note(task->result);
    free(task);
}

TEST(a_task_may_be_freed_when_it_has_ended)
{
    struct task *task = calloc(1, sizeof *task);

    setup(4);
    check(task != NULL);
    task->on_end = free_task;
    check_res(task_spawn(task, "freed", note_and_yield, task), 0);
    tasks[0].on_end = NULL;
    while (sched.count > 0)
        sched_run(&sched, 10);
    ck_assert_int_eq(order[steps - 1], 0);
    teardown();
}

/* FAILURES D-09: whoever is left can be named. */
TEST(the_list_of_tasks_holds_exactly_those_alive)
{
    int seen = 0;

    setup(4);
    for (int i = 0; i < 4; i++)
        spawn(i, i % 2 == 0 ? note_and_end : note_and_yield);
    sched_run(&sched, 4);
    for (struct task *t = sched.tasks; t != NULL; t = t->next) {
        ck_assert_int_eq((t - tasks) % 2, 1);
        ck_assert_str_eq(t->name, "test");
        seen++;
    }
    ck_assert_int_eq(seen, 2);
    teardown();
}

static int round_by_number(void *arg)
{
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TONEAREST};
    int mode = modes[self() % 3];

    (void)arg;
    ck_assert_int_eq(rounding(), FE_TONEAREST);
    fesetround(mode);
    for (int i = 0; i < 10; i++) {
        task_yield();
        ck_assert_int_eq(rounding(), mode);
    }
    return 0;
}

/* FAILURES D-06. */
TEST(each_task_rounds_its_own_way)
{
    setup(6);
    for (int i = 0; i < 6; i++)
        spawn(i, round_by_number);
    run_all();
    ck_assert_int_eq(rounding(), FE_TONEAREST);
    teardown();
}

/* Fills some of the stack with its number, and finds it there later. */
static int keep_locals(void *arg)
{
    unsigned char bytes[900], copy[900];

    memset(bytes, self(), sizeof bytes);
    memcpy(copy, bytes, sizeof copy);
    for (int i = 0; i < 20; i++) {
        task_yield();
        check(memcmp(bytes, copy, sizeof bytes) == 0);
        ck_assert_int_eq(bytes[i], self());
    }
    (void)arg;
    return 0;
}

TEST(locals_survive_a_switch)
{
    setup(TASKS);
    for (int i = 0; i < TASKS; i++)
        spawn(i, keep_locals);
    teardown();
}

static int dig(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    if (depth == 0)
        return frame[0];
    return dig(depth - 1) + frame[0];
}

static int dig_too_deep(void *arg)
{
    (void)arg;
    return dig(1000000);
}

static void overflow_a_stack(void)
{
    setup(4);
    spawn(0, keep_locals);
    spawn(1, dig_too_deep);
    run_all();
}

/* FAILURES D-01: the neighbour below is never reached. */
TEST(a_stack_that_overflows_stops_the_process)
{
    check(forked_faults(overflow_a_stack));
}

/* The kernel counts pages per processor and adds them up now and then: this is
 * right to within a few dozen. */
static long resident_len(void)
{
    FILE *statm = fopen("/proc/self/statm", "re");
    long size, resident;

    check(statm != NULL);
    ck_assert_int_eq(fscanf(statm, "%ld %ld", &size, &resident), 2);
    fclose(statm);
    return resident * (long)sys_page_size();
}

static int return_one(void *arg)
{
    (void)arg;
    return 1;
}

static int spawn_and_join(void *arg)
{
    int count = *(int *)arg, sum = 0;

    /* Nothing of Check in this loop: each of its checks allocates. */
    for (int i = 0; i < count; i++)
        if (task_spawn(&tasks[1], "short", return_one, NULL) == 0)
            sum += task_join(&tasks[1]);
    return sum;
}

static void spawn_and_join_times(int count)
{
    check_res(task_spawn(&tasks[0], "spawner", spawn_and_join, &count), 0);
    run_all();
    ck_assert_int_eq(tasks[0].result, count);
}

TEST(a_million_tasks_leave_memory_as_it_was)
{
    long before;

    setup(4);
    spawn_and_join_times(1000);
    before = resident_len();
    spawn_and_join_times(1000000);
    ck_assert_int_lt(resident_len() - before, 1000000); /* a byte a task */
    teardown();
}

static void finish_with_a_task_alive(void)
{
    setup(4);
    spawn(0, note_and_end);
    sched_finish(&sched);
}

static void make_a_second_scheduler(void)
{
    struct sched second;

    setup(4);
    sched_init(&second, 4, 4096, 4);
}

static void join_what_never_began(void)
{
    setup(4);
    spawn(0, join_next);
    run_all();
}

static void ask_for_a_task_outside(void)
{
    setup(4);
    task_current();
}

TEST(misuse_is_asserted)
{
    check(forked_aborts(finish_with_a_task_alive));
    check(forked_aborts(make_a_second_scheduler));
    check(forked_aborts(join_what_never_began));
    check(forked_aborts(ask_for_a_task_outside));
}

static void add_cancels_and_deadlines(void)
{
    suite_add(a_parked_task_gets_a_cancel_once);
    suite_add(cancelling_twice_is_cancelling_once);
    suite_add(a_ready_task_gets_a_cancel_when_it_parks);
    suite_add(a_task_that_was_woken_first_keeps_the_cancel_for_its_next_wait);
    suite_add(a_task_may_cancel_itself);
    suite_add(cancelling_what_has_ended_or_never_began_does_nothing);
    suite_add(a_wait_that_cannot_be_interrupted_keeps_the_cancel_for_the_next);
    suite_add(what_a_task_waits_for_is_told_once_however_often_it_is_cancelled);
    suite_add(a_deadline_ends_a_wait_once);
    suite_add(a_deadline_ends_with_its_task);
    suite_add(a_deadline_that_was_moved_later_is_the_later_one);
    suite_add(a_deadline_that_was_moved_earlier_is_the_earlier_one);
    suite_add(a_deadline_that_was_taken_away_does_not_pass);
    suite_add(a_deadline_in_the_past_passes_at_the_next_look_at_the_clock);
    suite_add(a_cancel_outranks_a_deadline_that_has_passed);
    suite_add(a_deadline_does_not_replace_a_cancel);
    suite_add(a_new_deadline_forgets_that_the_old_one_passed);
}

#define CROWD 100000

/* Waits where an operation would. */
static int park_and_end(void *arg)
{
    struct task_wait wait = {.interrupt = NULL};

    (void)arg;
    task_park(&wait);
    return 1;
}

/* A page of stack each, and no more, with the structs of the tasks besides. */
TEST(a_hundred_thousand_parked_tasks_take_a_page_each)
{
    struct task *crowd = calloc(CROWD, sizeof *crowd);
    long before, page = (long)sys_page_size(), each;

    check(crowd != NULL);
    check_res(sched_init(&sched, CROWD, 64 << 10, 4), 0);
    before = resident_len();
    for (int i = 0; i < CROWD; i++)
        if (task_spawn(&crowd[i], "parked", park_and_end, NULL) != 0)
            ck_abort_msg("task %d was refused", i);
    run_all();
    each = (resident_len() - before) / CROWD;
    ck_assert_uint_eq(sched.count, CROWD);
    ck_assert_int_ge(each, page);
    ck_assert_int_le(each, page + 512);
    for (int i = 0; i < CROWD; i++)
        task_make_ready(&crowd[i]);
    teardown();
    for (int i = 0; i < CROWD; i++)
        if (crowd[i].result != 1)
            ck_abort_msg("task %d did not go on", i);
    free(crowd);
}

static const char *why_no_crowd(void)
{
#if defined(TOOLS_ASAN) || defined(TOOLS_TSAN)
    return "what a sanitizer keeps of each task is not the task's";
#elif defined(CTX_UCONTEXT)
    return "a context of the fallback takes a kilobyte of the task itself";
#else
    return NULL;
#endif
}

static const char *why_no_million(void)
{
#ifdef TOOLS_TSAN
    return "ThreadSanitizer takes each task for a thread, and that long";
#else
    return NULL;
#endif
}

int main(void)
{
    suite_begin("task");
    suite_add(a_spawned_task_does_not_run_before_its_turn);
    suite_add(tasks_run_in_the_order_in_which_they_became_ready);
    suite_add(a_budget_bounds_what_one_run_does);
    suite_add(join_returns_what_the_task_returned);
    suite_add(the_ninth_task_of_eight_is_refused);
    add_cancels_and_deadlines();
    suite_add(a_task_may_be_freed_when_it_has_ended);
    suite_add(the_list_of_tasks_holds_exactly_those_alive);
    suite_add(each_task_rounds_its_own_way);
    suite_add(locals_survive_a_switch);
    suite_add(a_stack_that_overflows_stops_the_process);
    suite_add_unless(why_no_crowd(),
                     a_hundred_thousand_parked_tasks_take_a_page_each);
    suite_add_unless(why_no_million(), a_million_tasks_leave_memory_as_it_was);
    suite_add(misuse_is_asserted);
    return suite_end();
}
