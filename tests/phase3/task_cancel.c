/* task_cancel.c: if a task is cancelled or its deadline passes, one call that
 * suspends returns this, once. */
#include "task.h"

#include <errno.h>

#include "tasks.h"

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

/* The table of who is cancelled, and when. */
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

TEST(cancelling_a_task_twice_interrupts_it_once)
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

TEST(cancelling_an_ended_or_unstarted_task_does_nothing)
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

TEST(an_uninterruptible_wait_keeps_a_cancel_for_the_next_wait)
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

TEST(repeated_cancels_interrupt_a_wait_once)
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

TEST(a_deadline_moved_later_passes_at_the_later_time)
{
    start_with_deadlines(100, 200);
    wake();
    let_pass(150);
    ck_assert_int_eq(steps, 1);
    let_pass(200);
    check_res(order[1], -ETIME);
    end_deadlines();
}

TEST(a_deadline_moved_earlier_passes_at_the_earlier_time)
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

TEST(a_cleared_deadline_does_not_pass)
{
    start_with_deadlines(100, TIMER_NEVER);
    wake();
    let_pass(10000);
    ck_assert_int_eq(steps, 1);
    end_deadlines();
    check_res(order[1], 0);
}

TEST(a_deadline_in_the_past_passes_when_timers_fire_next)
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

/* The timer is a member of a task that may be freed. */
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

TEST(a_new_deadline_clears_a_deadline_that_has_passed)
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

int main(void)
{
    suite_begin("task_cancel");
    suite_add(a_parked_task_gets_a_cancel_once);
    suite_add(cancelling_a_task_twice_interrupts_it_once);
    suite_add(a_ready_task_gets_a_cancel_when_it_parks);
    suite_add(a_task_that_was_woken_first_keeps_the_cancel_for_its_next_wait);
    suite_add(a_task_may_cancel_itself);
    suite_add(cancelling_an_ended_or_unstarted_task_does_nothing);
    suite_add(an_uninterruptible_wait_keeps_a_cancel_for_the_next_wait);
    suite_add(repeated_cancels_interrupt_a_wait_once);
    suite_add(a_deadline_ends_a_wait_once);
    suite_add(a_deadline_ends_with_its_task);
    suite_add(a_deadline_moved_later_passes_at_the_later_time);
    suite_add(a_deadline_moved_earlier_passes_at_the_earlier_time);
    suite_add(a_cleared_deadline_does_not_pass);
    suite_add(a_deadline_in_the_past_passes_when_timers_fire_next);
    suite_add(a_cancel_outranks_a_deadline_that_has_passed);
    suite_add(a_deadline_does_not_replace_a_cancel);
    suite_add(a_new_deadline_clears_a_deadline_that_has_passed);
    return suite_end();
}
