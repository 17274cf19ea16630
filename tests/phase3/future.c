/* future.c: tasks wait for a result, one or several: it comes before, after, or
 * never. */
#include "future.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "forked.h"
#include "futures.h"

#define CHAIN 100000

static int wait_twice(void *arg)
{
    wait_once(arg);
    wait_once(arg);
    return 0;
}

TEST(a_waiter_gets_the_result_of_a_later_completion)
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

TEST(waiting_for_a_done_future_returns_without_a_switch)
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

/* Looking and parking are one step: nothing can happen between them. */
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

TEST(completing_a_future_does_not_run_its_waiter)
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

/* The result is returned now, the cancel by the next wait. */
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

TEST(a_deadline_ends_a_wait_for_a_future)
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

TEST(a_cancelled_task_may_wait_for_futures_while_it_cleans_up)
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

/* Each completion leads to the next, and none runs inside another, so that no
 * stack grows with the length of the chain. */
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

TEST(completing_a_future_twice_is_asserted)
{
    check(forked_aborts(complete_twice));
}

static int wait_and_say_who(void *arg)
{
    int who = *(int *)arg, result = future_wait(&future);

    ck_assert_int_lt(count, 8);
    results[count++] = who * 100 + result;
    return result;
}

static int numbers[] = {0, 1, 2, 3};

static void spawn_four(void)
{
    for (int i = 0; i < 4; i++)
        check_res(task_spawn(&tasks[i], "test", wait_and_say_who, &numbers[i]),
                  0);
}

TEST(all_waiters_of_a_future_get_its_result_in_order)
{
    setup();
    spawn_four();
    run_all();
    future_complete(&future, 7);
    ck_assert_int_eq(count, 0);
    teardown();
    ck_assert_int_eq(count, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(results[i], i * 100 + 7);
}

TEST(a_failure_reaches_all_waiters_of_a_future)
{
    setup();
    spawn_four();
    run_all();
    future_complete(&future, -EIO);
    teardown();
    for (int i = 0; i < 4; i++)
        check_res(tasks[i].result, -EIO);
}

TEST(a_cancelled_waiter_leaves_the_other_waiters_waiting)
{
    /* The first, the middle and the last of those who stand there. */
    for (int gone = 0; gone < 4; gone++) {
        setup();
        spawn_four();
        run_all();
        task_cancel(&tasks[gone]);
        run_all();
        ck_assert_int_eq(count, 1);
        future_complete(&future, 7);
        teardown();
        ck_assert_int_eq(count, 4);
        for (int i = 0; i < 4; i++)
            check_res(tasks[i].result, i == gone ? -ECANCELED : 7);
    }
}

TEST(a_future_is_like_new_after_all_its_waiters_were_cancelled)
{
    setup();
    spawn_four();
    run_all();
    for (int i = 0; i < 4; i++)
        task_cancel(&tasks[i]);
    teardown();
    check(!future.is_done && !future.is_watched && future.waiter == NULL);
    future_complete(&future, 1);
}

/* The frame of the first that runs is gone when the others do. */
static struct future *lent;

static int lend(void *arg)
{
    struct future mine = {0};
    int result;

    (void)arg;
    lent = &mine;
    result = future_wait(&mine);
    memset(&mine, 0xa5, sizeof mine);
    return result;
}

static int borrow(void *arg)
{
    (void)arg;
    return future_wait(lent);
}

TEST(a_waiter_does_not_access_a_completed_future)
{
    setup();
    spawn(0, lend);
    spawn(1, borrow);
    spawn(2, borrow);
    run_all();
    future_complete(lent, 9);
    teardown();
    for (int i = 0; i < 3; i++)
        check_res(tasks[i].result, 9);
}

/* One of them is ready already, for another reason, and has not run. */
TEST(a_cancelled_waiter_does_not_access_a_completed_future)
{
    setup();
    spawn(0, lend);
    spawn(1, borrow);
    spawn(2, borrow);
    run_all();
    task_cancel(&tasks[2]);
    future_complete(lent, 9);
    memset(lent, 0xa5, sizeof *lent); /* as its owner may do at once */
    teardown();
    check_res(tasks[1].result, 9);
    check_res(tasks[2].result, 9);
}

/* An operation's future costs what it always did. */
TEST(a_future_is_two_words)
{
    ck_assert_uint_le(sizeof(struct future), 16);
}

int main(void)
{
    suite_begin("future");
    suite_add(a_waiter_gets_the_result_of_a_later_completion);
    suite_add(waiting_for_a_done_future_returns_without_a_switch);
    suite_add(a_task_that_was_woken_before_it_parked_is_not_lost);
    suite_add(completing_a_future_does_not_run_its_waiter);
    suite_add(a_cancelled_wait_leaves_the_future_pending);
    suite_add(a_result_and_then_a_cancel_are_both_delivered);
    suite_add(a_cancel_and_then_a_result_are_both_delivered);
    suite_add(a_deadline_ends_a_wait_for_a_future);
    suite_add(a_cancelled_task_may_wait_for_futures_while_it_cleans_up);
    suite_add(a_chain_of_a_hundred_thousand_completions_never_nests);
    suite_add(completing_a_future_twice_is_asserted);
    suite_add(all_waiters_of_a_future_get_its_result_in_order);
    suite_add(a_failure_reaches_all_waiters_of_a_future);
    suite_add(a_cancelled_waiter_leaves_the_other_waiters_waiting);
    suite_add(a_future_is_like_new_after_all_its_waiters_were_cancelled);
    suite_add(a_waiter_does_not_access_a_completed_future);
    suite_add(a_cancelled_waiter_does_not_access_a_completed_future);
    suite_add(a_future_is_two_words);
    return suite_end();
}
