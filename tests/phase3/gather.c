/* gather.c: all of several futures, or any; and those left pending can be
 * waited for again. */
#include "gather.h"

#include <errno.h>

#include "forked.h"
#include "suite.h"

#define FUTURES 5

static struct sched sched;
static struct task tasks[4];
static struct future futures[FUTURES];
static struct future *const all[FUTURES] = {&futures[0], &futures[1],
                                            &futures[2], &futures[3],
                                            &futures[4]};

static void run_all(void)
{
    while (!sched_is_idle(&sched))
        sched_run(&sched, 100);
}

static void setup(task_fn *fn)
{
    check_res(sched_init(&sched, 4, 16 << 10, 4), 0);
    for (int i = 0; i < FUTURES; i++)
        futures[i] = (struct future){0};
    check_res(task_spawn(&tasks[0], "test", fn, NULL), 0);
}

static void teardown(int result)
{
    run_all();
    ck_assert_uint_eq(sched.count, 0);
    check_res(tasks[0].result, result);
    for (int i = 0; i < FUTURES; i++)
        ck_assert_ptr_null(futures[i].waiter);
    sched_finish(&sched);
}

static int wait_for_all(void *arg)
{
    (void)arg;
    return gather_await_all(all, FUTURES);
}

static int wait_for_any(void *arg)
{
    (void)arg;
    return gather_await_any(all, FUTURES);
}

TEST(gather_all_ends_with_the_last_future_in_any_order)
{
    static const int order[FUTURES] = {3, 0, 4, 2, 1};

    setup(wait_for_all);
    run_all();
    for (int i = 0; i < FUTURES; i++) {
        ck_assert_int_eq(tasks[0].state, TASK_PARKED);
        future_complete(&futures[order[i]], i);
        run_all();
    }
    ck_assert_int_eq(tasks[0].state, TASK_ENDED);
    teardown(0);
}

TEST(gather_all_waits_for_the_others_after_a_failure)
{
    setup(wait_for_all);
    run_all();
    future_complete(&futures[0], -ECANCELED); /* its result, not ours */
    run_all();
    ck_assert_int_eq(tasks[0].state, TASK_PARKED);
    for (int i = 1; i < FUTURES; i++)
        future_complete(&futures[i], 0);
    teardown(0);
    check_res(futures[0].result, -ECANCELED);
}

TEST(gather_all_of_done_futures_returns_without_a_switch)
{
    setup(wait_for_all);
    for (int i = 0; i < FUTURES; i++)
        future_complete(&futures[i], i);
    ck_assert_uint_eq(sched_run(&sched, 10), 1);
    teardown(0);
}

static int wait_for_none(void *arg)
{
    (void)arg;
    return gather_await_all(all, 0);
}

TEST(gather_all_of_no_futures_returns_at_once)
{
    setup(wait_for_none);
    teardown(0);
}

static int wait_for_all_twice(void *arg)
{
    check_res(wait_for_all(arg), -ECANCELED);
    return wait_for_all(arg);
}

TEST(a_cancelled_gather_all_can_be_repeated)
{
    setup(wait_for_all_twice);
    run_all();
    future_complete(&futures[0], 1);
    run_all();
    task_cancel(&tasks[0]);
    run_all();
    ck_assert_int_eq(tasks[0].state, TASK_PARKED);
    for (int i = 1; i < FUTURES; i++)
        future_complete(&futures[i], 0);
    teardown(0);
}

static int wait_for_all_until_100(void *arg)
{
    task_set_deadline(100);
    return wait_for_all(arg);
}

static int wait_for_any_until_100(void *arg)
{
    task_set_deadline(100);
    return wait_for_any(arg);
}

TEST(a_deadline_ends_gather_all_and_gather_any)
{
    setup(wait_for_all_until_100);
    run_all();
    timers_fire(&sched.timers, 100, 10);
    teardown(-ETIME);
    setup(wait_for_any_until_100);
    run_all();
    timers_fire(&sched.timers, 100, 10);
    teardown(-ETIME);
}

TEST(gather_any_ends_with_the_first_future)
{
    for (int i = 0; i < FUTURES; i++) {
        setup(wait_for_any);
        run_all();
        ck_assert_int_eq(tasks[0].state, TASK_PARKED);
        future_complete(&futures[i], -EIO);
        teardown(i);
    }
}

TEST(gather_any_returns_the_lowest_index_of_done_futures)
{
    setup(wait_for_any);
    future_complete(&futures[3], 0);
    future_complete(&futures[2], 0);
    ck_assert_uint_eq(sched_run(&sched, 10), 1);
    teardown(2);
}

TEST(several_futures_done_before_gather_any_runs_wake_it_once)
{
    setup(wait_for_any);
    run_all();
    future_complete(&futures[4], 0);
    future_complete(&futures[1], 0);
    future_complete(&futures[2], 0);
    ck_assert_uint_eq(sched_run(&sched, 10), 1);
    teardown(1);
}

static int wait_for_any_then_rest(void *arg)
{
    int seen = 0;

    for (int i = 0; i < FUTURES; i++) {
        int done = wait_for_any(arg);

        ck_assert_int_eq(done, FUTURES - 1 - i);
        check_res(futures[done].result, done);
        futures[done] = (struct future){0};
        seen++;
    }
    return seen;
}

TEST(futures_pending_after_gather_any_can_be_waited_for_again)
{
    setup(wait_for_any_then_rest);
    for (int i = FUTURES - 1; i >= 0; i--) {
        run_all();
        future_complete(&futures[i], i);
    }
    teardown(FUTURES);
}

TEST(a_cancelled_gather_any_leaves_all_futures_pending)
{
    setup(wait_for_any);
    run_all();
    task_cancel(&tasks[0]);
    run_all();
    future_complete(&futures[0], 0); /* nobody waits for it any more */
    teardown(-ECANCELED);
}

static int wait_for_any_and_look(void *arg)
{
    int done = wait_for_any(arg);

    check_res(task_take_interruption(), -ECANCELED);
    return done;
}

TEST(gather_any_delivers_a_simultaneous_cancel_and_result)
{
    setup(wait_for_any_and_look);
    run_all();
    future_complete(&futures[3], 0);
    task_cancel(&tasks[0]);
    teardown(3);
    setup(wait_for_any_and_look);
    run_all();
    task_cancel(&tasks[0]);
    future_complete(&futures[3], 0);
    teardown(3);
}

TEST(several_tasks_may_gather_all_of_the_same_futures)
{
    setup(wait_for_all);
    check_res(task_spawn(&tasks[1], "test", wait_for_all, NULL), 0);
    run_all();
    for (int i = FUTURES - 1; i >= 0; i--) {
        ck_assert_int_eq(tasks[1].state, TASK_PARKED);
        future_complete(&futures[i], i);
        run_all();
    }
    ck_assert_int_eq(tasks[1].state, TASK_ENDED);
    check_res(tasks[1].result, 0);
    teardown(0);
}

static int wait_for_one_twice_over(void *arg)
{
    struct future *const same[] = {&futures[0], &futures[0]};

    (void)arg;
    return gather_await_any(same, 2);
}

static void name_one_twice(void)
{
    setup(wait_for_one_twice_over);
    run_all();
}

static void wait_where_another_waits(void)
{
    setup(wait_for_any);
    check_res(task_spawn(&tasks[1], "test", wait_for_any, NULL), 0);
    run_all();
}

static void look(struct future_watch *watch, int result)
{
    (void)watch, (void)result;
}

static void wait_for_any_where_one_watches(void)
{
    static struct future_watch watch = {.done = look};

    setup(wait_for_any);
    future_watch(&futures[1], &watch);
    run_all();
}

static void watch_where_one_waits_for_any(void)
{
    static struct future_watch watch = {.done = look};

    setup(wait_for_any);
    run_all();
    future_watch(&futures[1], &watch);
}

static int wait_for_one(void *arg)
{
    (void)arg;
    return future_wait(&futures[1]);
}

static void wait_where_one_waits_for_any(void)
{
    setup(wait_for_any);
    check_res(task_spawn(&tasks[1], "test", wait_for_one, NULL), 0);
    run_all();
}

TEST(a_second_waiter_or_a_duplicate_in_gather_any_is_asserted)
{
    check(forked_aborts(wait_for_any_where_one_watches));
    check(forked_aborts(name_one_twice));
    check(forked_aborts(wait_where_another_waits));
    check(forked_aborts(watch_where_one_waits_for_any));
    check(forked_aborts(wait_where_one_waits_for_any));
}

int main(void)
{
    suite_begin("gather");
    suite_add(gather_all_ends_with_the_last_future_in_any_order);
    suite_add(gather_all_waits_for_the_others_after_a_failure);
    suite_add(gather_all_of_done_futures_returns_without_a_switch);
    suite_add(gather_all_of_no_futures_returns_at_once);
    suite_add(a_cancelled_gather_all_can_be_repeated);
    suite_add(a_deadline_ends_gather_all_and_gather_any);
    suite_add(gather_any_ends_with_the_first_future);
    suite_add(gather_any_returns_the_lowest_index_of_done_futures);
    suite_add(several_futures_done_before_gather_any_runs_wake_it_once);
    suite_add(futures_pending_after_gather_any_can_be_waited_for_again);
    suite_add(a_cancelled_gather_any_leaves_all_futures_pending);
    suite_add(gather_any_delivers_a_simultaneous_cancel_and_result);
    suite_add(several_tasks_may_gather_all_of_the_same_futures);
    suite_add(a_second_waiter_or_a_duplicate_in_gather_any_is_asserted);
    return suite_end();
}
