/* future.c: whoever comes first, the one that waits or the one that knows, a
 * result reaches its waiter, and a cancel does not lose it. */
#include "future.h"

#include <errno.h>
#include <stdlib.h>

#include "child.h"
#include "suite.h"

#define CHAIN 100000

static struct sched sched;
static struct task tasks[4];
static struct future future;
static int results[8], count;

static void setup(void)
{
    check_res(sched_init(&sched, 4, 16 << 10, 4), 0);
    future = (struct future){0};
    count = 0;
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

static void spawn(int i, task_fn *fn)
{
    check_res(task_spawn(&tasks[i], "test", fn, NULL), 0);
}

static int wait_once(void *arg)
{
    int result = future_wait(&future);

    (void)arg;
    results[count++] = result;
    return 0;
}

static int wait_twice(void *arg)
{
    wait_once(arg);
    wait_once(arg);
    return 0;
}

TEST(a_waiter_gets_the_result_that_comes_later)
{
    setup();
    spawn(0, wait_once);
    run_all();
    ck_assert_int_eq(count, 0);
    ck_assert_int_eq(tasks[0].state, TASK_PARKED);
    future_complete(&future, 42);
    teardown();
    check_res(results[0], 42);
}

TEST(a_result_that_is_there_already_is_returned_without_a_switch)
{
    setup();
    future_complete(&future, -EIO);
    spawn(0, wait_twice);
    ck_assert_uint_eq(sched_run(&sched, 10), 1);
    ck_assert_uint_eq(sched.switches, 1);
    ck_assert_int_eq(count, 2);
    check_res(results[0], -EIO);
    check_res(results[1], -EIO);
    teardown();
}

/* FAILURES D-10: there is no moment between looking and parking. */
static int complete_and_wait(void *arg)
{
    future_complete(&future, 1);
    return wait_once(arg);
}

TEST(a_task_that_was_woken_before_it_parked_is_not_lost)
{
    setup();
    spawn(0, complete_and_wait);
    teardown();
    check_res(results[0], 1);
}

/* FAILURES D-12. */
TEST(completing_does_not_run_the_waiter)
{
    setup();
    spawn(0, wait_once);
    run_all();
    future_complete(&future, 5);
    ck_assert_int_eq(count, 0);
    ck_assert_int_eq(tasks[0].state, TASK_READY);
    teardown();
    ck_assert_int_eq(count, 1);
}

TEST(a_cancelled_wait_leaves_the_future_pending)
{
    setup();
    spawn(0, wait_twice);
    run_all();
    task_cancel(&tasks[0]);
    run_all();
    ck_assert_int_eq(count, 1);
    check_res(results[0], -ECANCELED);
    check(!future.is_done);
    future_complete(&future, 7);
    teardown();
    check_res(results[1], 7);
}

static int wait_for_another_afterwards(void *arg)
{
    wait_once(arg);
    future = (struct future){0};
    return wait_once(arg);
}

/* FAILURES D-14: the result is returned now, the cancel by the next wait. */
TEST(a_result_and_then_a_cancel_are_both_delivered)
{
    setup();
    spawn(0, wait_for_another_afterwards);
    run_all();
    future_complete(&future, 3);
    task_cancel(&tasks[0]);
    teardown();
    check_res(results[0], 3);
    check_res(results[1], -ECANCELED);
}

TEST(a_cancel_and_then_a_result_are_both_delivered)
{
    setup();
    spawn(0, wait_for_another_afterwards);
    run_all();
    task_cancel(&tasks[0]);
    future_complete(&future, 3);
    teardown();
    check_res(results[0], 3);
    check_res(results[1], -ECANCELED);
}

static int wait_with_a_deadline(void *arg)
{
    task_set_deadline(100);
    return wait_once(arg);
}

TEST(a_deadline_ends_a_wait)
{
    setup();
    spawn(0, wait_with_a_deadline);
    run_all();
    timers_fire(&sched.timers, 100, 10);
    teardown();
    check_res(results[0], -ETIME);
}

static int clean_up_after_a_cancel(void *arg)
{
    wait_once(arg);
    task_yield();
    for (int i = 0; i < 2; i++) {
        future = (struct future){0};
        wait_once(arg);
    }
    return 0;
}

TEST(cleaning_up_after_a_cancel_may_wait_undisturbed)
{
    setup();
    spawn(0, clean_up_after_a_cancel);
    run_all();
    task_cancel(&tasks[0]);
    run_all();
    check_res(results[0], -ECANCELED);
    for (int i = 1; i < 3; i++) {
        ck_assert_int_eq(tasks[0].state, TASK_PARKED);
        future_complete(&future, 10 + i);
        run_all();
        check_res(results[i], 10 + i);
    }
    teardown();
}

/* PITFALLS 30: each completion leads to the next, and none runs inside
 * another, so that no stack grows with the length of the chain. */
static struct future *links;
static int inside, deepest;

/* Waits for every second link, and completes the one after it. */
static int relay(void *arg)
{
    int *first = arg;

    for (int i = *first; i < CHAIN; i += 2) {
        if (future_wait(&links[i]) != i)
            return -EINVAL;
        inside++;
        deepest = inside > deepest ? inside : deepest;
        future_complete(&links[i + 1], i + 1);
        inside--;
    }
    return 0;
}

TEST(a_chain_of_a_hundred_thousand_completions_never_nests)
{
    static int first[2] = {0, 1};

    setup();
    links = calloc(CHAIN + 1, sizeof *links);
    check(links != NULL);
    for (int i = 0; i < 2; i++)
        check_res(task_spawn(&tasks[i], "relay", relay, &first[i]), 0);
    future_complete(&links[0], 0);
    run_all();
    check_res(tasks[0].result, 0);
    check_res(tasks[1].result, 0);
    check(links[CHAIN].is_done);
    ck_assert_int_eq(deepest, 1);
    teardown();
    free(links);
}

static void complete_twice(void)
{
    struct future twice = {0};

    future_complete(&twice, 1);
    future_complete(&twice, 1);
}

static void wait_with_two(void)
{
    setup();
    spawn(0, wait_once);
    spawn(1, wait_once);
    run_all();
}

/* FAILURES D-08. */
TEST(completing_twice_and_a_second_waiter_are_asserted)
{
    check(child_aborts(complete_twice));
    check(child_aborts(wait_with_two));
}

int main(void)
{
    suite_begin("future");
    suite_add(a_waiter_gets_the_result_that_comes_later);
    suite_add(a_result_that_is_there_already_is_returned_without_a_switch);
    suite_add(a_task_that_was_woken_before_it_parked_is_not_lost);
    suite_add(completing_does_not_run_the_waiter);
    suite_add(a_cancelled_wait_leaves_the_future_pending);
    suite_add(a_result_and_then_a_cancel_are_both_delivered);
    suite_add(a_cancel_and_then_a_result_are_both_delivered);
    suite_add(a_deadline_ends_a_wait);
    suite_add(cleaning_up_after_a_cancel_may_wait_undisturbed);
    suite_add(a_chain_of_a_hundred_thousand_completions_never_nests);
    suite_add(completing_twice_and_a_second_waiter_are_asserted);
    return suite_end();
}
