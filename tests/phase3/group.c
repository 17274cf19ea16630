/* group.c: nothing outlives its group, and the first failure ends the rest. */
#include "group.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "await.h"
#include "with_loop.h"

#define MS UINT64_C(1000000)

static struct group group;
static struct group_task members[8];
static struct task helper;
static int ends[2], ended;

static int spawn(int i, task_fn *fn, void *arg)
{
    return group_spawn(&group, &members[i], "member", fn, arg);
}

/* Waits for what never comes. */
static int wait_for_ever(void *arg)
{
    int rc = await_poll(ends[0], POLLIN);

    (void)arg;
    check_res(await_nop(), 0); /* cleaning up */
    ended++;
    return rc;
}

static int return_it(void *arg)
{
    check_res(await_nop(), 0);
    ended++;
    return *(int *)arg;
}

static void run_with_pipe(task_fn *fn)
{
    check_res(pipe(ends), 0);
    ended = 0;
    check_res(run(fn, NULL), 0);
    close(ends[0]);
    close(ends[1]);
}

static int await_four(void *arg)
{
    static int values[4] = {0, 7, 0, 1};

    (void)arg;
    for (int i = 0; i < 4; i++)
        check_res(spawn(i, return_it, &values[i]), 0);
    check_res(group_await_all(&group), 0);
    ck_assert_int_eq(ended, 4);
    check_res(members[1].task.result, 7);
    return 0;
}

TEST(await_group_waits_for_all_tasks)
{
    run_with_pipe(await_four);
}

static int await_nobody(void *arg)
{
    (void)arg;
    check_res(group_await_all(&group), 0);
    return 0;
}

TEST(an_empty_group_has_ended)
{
    run_with_pipe(await_nobody);
}

static int fail_among_others(void *arg)
{
    static int failure = -EIO;

    (void)arg;
    for (int i = 0; i < 8; i++)
        check_res(spawn(i, i == 4 ? return_it : wait_for_ever, &failure), 0);
    check_res(group_await_all(&group), -EIO);
    ck_assert_int_eq(ended, 8);
    for (int i = 0; i < 8; i++)
        check_res(members[i].task.result, i == 4 ? -EIO : -ECANCELED);
    return 0;
}

TEST(the_first_failure_cancels_the_other_tasks_of_a_group)
{
    run_with_pipe(fail_among_others);
}

static int fail_twice(void *arg)
{
    static int failures[2] = {-ENOENT, -EIO};

    (void)arg;
    for (int i = 0; i < 2; i++)
        check_res(spawn(i, return_it, &failures[i]), 0);
    check_res(group_await_all(&group), -ENOENT);
    return 0;
}

TEST(await_group_returns_the_first_failure)
{
    run_with_pipe(fail_twice);
}

static int fail_before_the_wait(void *arg)
{
    static int failure = -EIO;

    (void)arg;
    check_res(spawn(0, return_it, &failure), 0);
    check_res(await_sleep_ns(2 * MS), 0);
    ck_assert_int_eq(ended, 1);
    check_res(spawn(1, return_it, &failure), -ECANCELED);
    check_res(group_await_all(&group), -EIO);
    ck_assert_int_eq(ended, 1);
    /* And the group is new again. */
    check_res(group_await_all(&group), 0);
    ended = 0;
    return await_four(NULL);
}

TEST(a_failed_group_starts_no_task)
{
    run_with_pipe(fail_before_the_wait);
}

static int await_for_ever(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        check_res(spawn(i, wait_for_ever, NULL), 0);
    return group_await_all(&group);
}

static int cancel_the_waiter(void *arg)
{
    (void)arg;
    check_res(task_spawn(&helper, "waiter", await_for_ever, NULL), 0);
    check_res(await_nop(), 0);
    ck_assert_uint_eq(group.count, 3);
    task_cancel(&helper);
    check_res(task_join(&helper), -ECANCELED);
    ck_assert_int_eq(ended, 3);
    return 0;
}

TEST(a_cancel_of_the_waiter_cancels_the_group)
{
    run_with_pipe(cancel_the_waiter);
}

static int await_with_a_deadline(void *arg)
{
    deadline_set_ns(1 * MS);
    check_res(await_for_ever(arg), -ETIME);
    ck_assert_int_eq(ended, 3);
    check_res(await_nop(), 0); /* it was told once */
    return 0;
}

TEST(a_deadline_of_the_waiter_cancels_the_group)
{
    run_with_pipe(await_with_a_deadline);
}

static int ignore_the_cancel(void *arg)
{
    (void)arg;
    (void)await_poll(ends[0], POLLIN);
    return 0;
}

static int finish_in_spite_of_it(void *arg)
{
    (void)arg;
    check_res(spawn(0, ignore_the_cancel, NULL), 0);
    task_cancel(task_current());
    check_res(group_await_all(&group), 0);
    check_res(await_nop(), -ECANCELED);
    return 0;
}

/* As with any result that arrives together with a cancel. */
TEST(a_group_that_succeeds_despite_a_cancel_returns_success)
{
    run_with_pipe(finish_in_spite_of_it);
}

static int cancel_the_group(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        check_res(spawn(i, wait_for_ever, NULL), 0);
    check_res(await_nop(), 0);
    group_cancel(&group);
    group_cancel(&group);
    check_res(spawn(3, wait_for_ever, NULL), -ECANCELED);
    check_res(group_await_all(&group), -ECANCELED);
    ck_assert_int_eq(ended, 3);
    return 0;
}

TEST(a_group_can_be_cancelled_from_outside)
{
    run_with_pipe(cancel_the_group);
}

static int spawn_the_next(void *arg)
{
    static int numbers[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    int i = arg != NULL ? *(int *)arg : 0;

    ended++;
    return i < 7 ? spawn(i + 1, spawn_the_next, &numbers[i + 1]) : 0;
}

static int await_a_chain(void *arg)
{
    (void)arg;
    check_res(spawn(0, spawn_the_next, NULL), 0);
    check_res(group_await_all(&group), 0);
    ck_assert_int_eq(ended, 8);
    return 0;
}

TEST(members_may_spawn_into_their_group)
{
    run_with_pipe(await_a_chain);
}

static int group_in_a_group(void *arg)
{
    struct group inner = {0};
    static struct group_task tasks[2];

    (void)arg;
    for (int i = 0; i < 2; i++)
        check_res(group_spawn(&inner, &tasks[i], "inner", wait_for_ever, NULL),
                  0);
    return group_await_all(&inner);
}

static int cancel_the_outer(void *arg)
{
    (void)arg;
    check_res(spawn(0, group_in_a_group, NULL), 0);
    check_res(spawn(1, wait_for_ever, NULL), 0);
    check_res(await_nop(), 0);
    group_cancel(&group);
    check_res(group_await_all(&group), -ECANCELED);
    ck_assert_int_eq(ended, 3);
    return 0;
}

TEST(a_cancel_goes_down_through_groups_in_groups)
{
    run_with_pipe(cancel_the_outer);
}

static int spawn_too_many(void *arg)
{
    (void)arg;
    check_res(spawn(0, wait_for_ever, NULL), 0);
    check_res(spawn(1, wait_for_ever, NULL), -EAGAIN);
    ck_assert_uint_eq(group.count, 1);
    group_cancel(&group);
    return group_await_all(&group) == -ECANCELED ? 0 : -1;
}

TEST(await_group_does_not_wait_for_a_task_that_could_not_start)
{
    struct loop_options options = {.tasks_max = 2};

    check_res(pipe(ends), 0);
    check_ring(loop_init(&loop, &options));
    check_res(loop_run(&loop, spawn_too_many, NULL), 0);
    loop_finish(&loop);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const char *too_small = why_ring_is_too_small();

    suite_begin("group");
    suite_add(await_group_waits_for_all_tasks);
    suite_add(an_empty_group_has_ended);
    suite_add_unless(too_small,
                     the_first_failure_cancels_the_other_tasks_of_a_group);
    suite_add(await_group_returns_the_first_failure);
    suite_add(a_failed_group_starts_no_task);
    suite_add_unless(too_small, a_cancel_of_the_waiter_cancels_the_group);
    suite_add_unless(too_small, a_deadline_of_the_waiter_cancels_the_group);
    suite_add(a_group_that_succeeds_despite_a_cancel_returns_success);
    suite_add_unless(too_small, a_group_can_be_cancelled_from_outside);
    suite_add(members_may_spawn_into_their_group);
    suite_add_unless(too_small, a_cancel_goes_down_through_groups_in_groups);
    suite_add(await_group_does_not_wait_for_a_task_that_could_not_start);
    return suite_end();
}
