/* future_watch.c: functions are called with a future's result. */
#include "future.h"

#include <errno.h>
#include <stdlib.h>

#include "forked.h"
#include "futures.h"

#define CHAIN 100000

/* Each completion leads to the next, and none runs inside another, so that no
 * stack grows with the length of the chain. */
static struct future *links;
static int inside, deepest;

static struct future_watch watches[4];

static void note_result(struct future_watch *watch, int result)
{
    ck_assert_int_lt(count, 8);
    results[count++] = (int)(watch - watches) * 100 + result;
}

static void watch_with(int i, void (*done)(struct future_watch *, int))
{
    watches[i] = (struct future_watch){.done = done};
    future_watch(&future, &watches[i]);
}

TEST(watches_are_called_before_complete_returns)
{
    setup();
    for (int i = 0; i < 4; i++)
        watch_with(i, note_result);
    ck_assert_int_eq(count, 0);
    future_complete(&future, 5);
    ck_assert_int_eq(count, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(results[i], i * 100 + 5);
    teardown();
}

TEST(a_watch_on_a_done_future_is_called_at_once)
{
    setup();
    future_complete(&future, 5);
    watch_with(3, note_result);
    ck_assert_int_eq(count, 1);
    ck_assert_int_eq(results[0], 305);
    teardown();
}

TEST(tasks_and_watches_may_wait_for_one_future)
{
    setup();
    watch_with(1, note_result);
    spawn(0, wait_once);
    run_all();
    watch_with(2, note_result);
    future_complete(&future, 5);
    ck_assert_int_eq(count, 2); /* the task is ready, and has not run */
    ck_assert_int_eq(results[0], 105);
    ck_assert_int_eq(results[1], 205);
    teardown();
    ck_assert_int_eq(results[2], 5);
}

TEST(a_removed_watch_is_not_called)
{
    setup();
    for (int i = 0; i < 4; i++)
        watch_with(i, note_result);
    future_unwatch(&watches[3]);
    future_unwatch(&watches[1]);
    future_unwatch(&watches[1]);
    future_complete(&future, 5);
    ck_assert_int_eq(count, 2);
    ck_assert_int_eq(results[0], 5);
    ck_assert_int_eq(results[1], 205);
    future_unwatch(&watches[0]);
    teardown();
}

static void watch_one_that_is_done(struct future_watch *watch, int result)
{
    watch_with(3, note_result);
    ck_assert_int_eq(count, 0);
    note_result(watch, result);
}

TEST(watching_a_done_future_does_not_interrupt_a_watch_callback)
{
    setup();
    watch_with(0, watch_one_that_is_done);
    future_complete(&future, 5);
    ck_assert_int_eq(count, 2);
    ck_assert_int_eq(results[0], 5);
    ck_assert_int_eq(results[1], 305);
    teardown();
}

static void take_back_the_next(struct future_watch *watch, int result)
{
    note_result(watch, result);
    future_unwatch(watch + 1);
}

TEST(a_watch_callback_may_remove_the_next_watch)
{
    setup();
    watch_with(0, take_back_the_next);
    watch_with(1, note_result);
    watch_with(2, note_result);
    future_complete(&future, 5);
    ck_assert_int_eq(count, 2);
    ck_assert_int_eq(results[1], 205);
    teardown();
}

static void cancel_the_task(struct future_watch *watch, int result)
{
    note_result(watch, result);
    task_cancel(&tasks[0]);
}

/* The task is notified next: the result came first. */
TEST(a_watch_callback_cannot_cancel_a_waiter_of_its_future)
{
    setup();
    watch_with(0, cancel_the_task);
    spawn(0, wait_for_another_afterwards);
    run_all();
    future_complete(&future, 5);
    ck_assert_int_eq(tasks[0].state, TASK_READY);
    teardown();
    check_res(results[1], 5);
    check_res(results[2], -ECANCELED);
}

static void watch_again(struct future_watch *watch, int result)
{
    note_result(watch, result);
    future = (struct future){0};
    future_watch(&future, watch);
}

TEST(a_watch_callback_may_reuse_its_watch_and_future)
{
    setup();
    watch_with(2, watch_again);
    for (int i = 0; i < 3; i++)
        future_complete(&future, i);
    ck_assert_int_eq(count, 3);
    ck_assert_int_eq(results[2], 202);
    future_unwatch(&watches[2]);
    teardown();
}

/* A function for each link, which completes the next one. */
static struct future_watch *links_watched;

static void complete_the_next(struct future_watch *watch, int result)
{
    inside++;
    deepest = inside > deepest ? inside : deepest;
    ck_assert_int_eq(result, (int)(watch - links_watched));
    future_complete(&links[result + 1], result + 1);
    inside--;
}

TEST(a_chain_of_a_hundred_thousand_watch_callbacks_never_nests)
{
    setup();
    links = calloc(CHAIN + 1, sizeof *links);
    links_watched = calloc(CHAIN, sizeof *links_watched);
    check(links != NULL && links_watched != NULL);
    for (int i = 0; i < CHAIN; i++) {
        links_watched[i].done = complete_the_next;
        future_watch(&links[i], &links_watched[i]);
    }
    future_complete(&links[0], 0);
    check(links[CHAIN].is_done);
    ck_assert_int_eq(deepest, 1);
    teardown();
    free(links);
    free(links_watched);
}

static void watch_nothing(void)
{
    setup();
    watch_with(0, NULL);
}

static void watch_twice(void)
{
    setup();
    watch_with(0, note_result);
    future_watch(&future, &watches[0]);
}

static void suspend(struct future_watch *watch, int result)
{
    (void)watch, (void)result;
    future_wait(&future);
}

static int complete_and_let_suspend(void *arg)
{
    struct future inner = {0};

    (void)arg;
    watches[0].done = suspend;
    future_watch(&inner, &watches[0]);
    future_complete(&inner, 1);
    return 0;
}

static void suspend_in_a_function(void)
{
    setup();
    spawn(0, complete_and_let_suspend);
    run_all();
}

static int wait_alone(void *arg)
{
    (void)arg;
    return future_wait_until_done(&future, NULL);
}

static void watch_an_operations_future(void)
{
    setup();
    spawn(0, wait_alone);
    run_all();
    watch_with(0, note_result);
}

TEST(misuse_of_a_watch_is_asserted)
{
    check(forked_aborts(watch_nothing));
    check(forked_aborts(watch_twice));
    check(forked_aborts(suspend_in_a_function));
    check(forked_aborts(watch_an_operations_future));
}

int main(void)
{
    suite_begin("future_watch");
    suite_add(watches_are_called_before_complete_returns);
    suite_add(a_watch_on_a_done_future_is_called_at_once);
    suite_add(tasks_and_watches_may_wait_for_one_future);
    suite_add(a_removed_watch_is_not_called);
    suite_add(watching_a_done_future_does_not_interrupt_a_watch_callback);
    suite_add(a_watch_callback_may_remove_the_next_watch);
    suite_add(a_watch_callback_cannot_cancel_a_waiter_of_its_future);
    suite_add(a_watch_callback_may_reuse_its_watch_and_future);
    suite_add(a_chain_of_a_hundred_thousand_watch_callbacks_never_nests);
    suite_add(misuse_of_a_watch_is_asserted);
    return suite_end();
}
