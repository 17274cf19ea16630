/* semaphores.c: semaphores and mutexes: first come, first served; no task
 * overtakes another one, and an interrupted task leaves the queue. */
#include "semaphores.h"

#include <errno.h>

#include "forked.h"
#include "mutex.h"
#include "suite.h"

#define TASKS 8

static struct sched sched;
static struct task tasks[TASKS];
static struct semaphore semaphore;
static struct mutex mutex;
static int order[64], steps, inside, inside_most;

static void setup(uint32_t count)
{
    check_res(sched_init(&sched, TASKS, 16 << 10, 4), 0);
    semaphore = (struct semaphore){.count = count};
    mutex = (struct mutex){0};
    steps = inside = inside_most = 0;
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
    check(queue_is_empty(&semaphore.line) && queue_is_empty(&mutex.line));
    sched_finish(&sched);
}

static void spawn(int i, task_fn *fn)
{
    check_res(task_spawn(&tasks[i], "test", fn, NULL), 0);
    run_all();
}

static void note(void)
{
    ck_assert_int_lt(steps, 64);
    order[steps++] = (int)(task_current() - tasks);
}

static int take(void *arg)
{
    int rc = semaphore_await_take(&semaphore);

    (void)arg;
    if (rc == 0)
        note();
    return rc;
}

TEST(an_available_semaphore_unit_is_taken_without_a_switch)
{
    setup(2);
    spawn(0, take);
    spawn(1, take);
    ck_assert_uint_eq(sched.switches, 2);
    ck_assert_uint_eq(semaphore.count, 0);
    teardown();
    ck_assert_int_eq(steps, 2);
}

TEST(a_semaphore_serves_the_longest_waiter_first)
{
    setup(0);
    for (int i = 0; i < 5; i++)
        spawn(i, take);
    ck_assert_int_eq(steps, 0);
    for (int i = 0; i < 5; i++) {
        semaphore_release(&semaphore);
        run_all();
        ck_assert_int_eq(steps, i + 1);
        ck_assert_int_eq(order[i], i);
    }
    ck_assert_uint_eq(semaphore.count, 0);
    teardown();
}

TEST(a_semaphore_keeps_a_unit_that_has_no_waiter)
{
    setup(0);
    semaphore_release(&semaphore);
    semaphore_release(&semaphore);
    ck_assert_uint_eq(semaphore.count, 2);
    spawn(0, take);
    ck_assert_uint_eq(semaphore.count, 1);
    teardown();
}

TEST(a_later_task_does_not_overtake_a_served_waiter)
{
    setup(0);
    spawn(0, take);
    semaphore_release(&semaphore); /* task 0's, though it has not run yet */
    check_res(task_spawn(&tasks[1], "test", take, NULL), 0);
    run_all();
    ck_assert_int_eq(steps, 1);
    ck_assert_int_eq(order[0], 0);
    semaphore_release(&semaphore);
    teardown();
}

static void cancel_one_of_three(int which)
{
    setup(0);
    for (int i = 0; i < 3; i++)
        spawn(i, take);
    task_cancel(&tasks[which]);
    run_all();
    check_res(tasks[which].result, -ECANCELED);
    for (int i = 0; i < 2; i++)
        semaphore_release(&semaphore);
    spawn(3, take);
    ck_assert_int_eq(steps, 2);
    ck_assert_int_eq(order[0], which == 0 ? 1 : 0);
    ck_assert_int_eq(order[1], which == 2 ? 1 : 2);
    semaphore_release(&semaphore);
    run_all();
    ck_assert_int_eq(order[2], 3);
    teardown();
}

TEST(a_cancelled_semaphore_wait_keeps_the_order_of_the_others)
{
    for (int which = 0; which < 3; which++)
        cancel_one_of_three(which);
}

static int take_until_100(void *arg)
{
    task_set_deadline(100);
    return take(arg);
}

TEST(a_deadline_ends_a_semaphore_wait_without_taking_a_unit)
{
    setup(0);
    spawn(0, take_until_100);
    spawn(1, take);
    timers_fire(&sched.timers, 100, 10);
    run_all();
    check_res(tasks[0].result, -ETIME);
    semaphore_release(&semaphore);
    run_all();
    ck_assert_int_eq(order[0], 1);
    teardown();
}

static int take_and_look(void *arg)
{
    int rc = take(arg);

    check_res(task_take_interruption(), -ECANCELED);
    return rc;
}

TEST(a_waiter_served_before_its_cancel_has_the_semaphore_unit)
{
    setup(0);
    spawn(0, take_and_look);
    semaphore_release(&semaphore);
    task_cancel(&tasks[0]);
    run_all();
    check_res(tasks[0].result, 0);
    ck_assert_uint_eq(semaphore.count, 0);
    teardown();
}

static int cancel_oneself_and_take(void *arg)
{
    task_cancel(task_current());
    return take(arg);
}

TEST(a_pending_cancel_ends_a_semaphore_wait_at_once)
{
    setup(0);
    spawn(0, cancel_oneself_and_take);
    check_res(tasks[0].result, -ECANCELED);
    teardown();
}

static int work_inside(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++) {
        check_res(semaphore_await_take(&semaphore), 0);
        inside++;
        if (inside > inside_most)
            inside_most = inside;
        task_yield();
        inside--;
        semaphore_release(&semaphore);
    }
    return 0;
}

TEST(a_semaphore_admits_no_more_tasks_than_its_count)
{
    setup(3);
    for (int i = 0; i < TASKS; i++)
        check_res(task_spawn(&tasks[i], "test", work_inside, NULL), 0);
    teardown();
    ck_assert_int_eq(inside_most, 3);
    ck_assert_uint_eq(semaphore.count, 3);
}

/* Mutexes. */
static int lock_twice_over(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2; i++) {
        check_res(mutex_await_lock(&mutex), 0);
        ck_assert_ptr_eq(mutex.owner, task_current());
        ck_assert_int_eq(inside++, 0);
        note();
        task_yield();
        inside--;
        mutex_unlock(&mutex);
    }
    return 0;
}

TEST(a_mutex_is_held_across_a_wait_and_passed_on)
{
    setup(0);
    for (int i = 0; i < 3; i++)
        check_res(task_spawn(&tasks[i], "test", lock_twice_over, NULL), 0);
    teardown();
    ck_assert_int_eq(steps, 6);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(order[i], i % 3); /* nobody twice in a row */
    ck_assert_ptr_null(mutex.owner);
}

static int lock_and_wait(void *arg)
{
    check_res(mutex_await_lock(&mutex), 0);
    (void)take(arg);
    mutex_unlock(&mutex);
    return 0;
}

static int lock(void *arg)
{
    int rc = mutex_await_lock(&mutex);

    (void)arg;
    if (rc == 0)
        mutex_unlock(&mutex);
    return rc;
}

TEST(a_task_cancelled_while_it_waits_never_owns_the_mutex)
{
    setup(0);
    spawn(0, lock_and_wait);
    spawn(1, lock);
    spawn(2, lock);
    task_cancel(&tasks[1]);
    run_all();
    check_res(tasks[1].result, -ECANCELED);
    ck_assert_ptr_eq(mutex.owner, &tasks[0]);
    semaphore_release(&semaphore);
    teardown();
    check_res(tasks[2].result, 0);
    ck_assert_ptr_null(mutex.owner);
}

static int lock_again(void *arg)
{
    (void)arg;
    (void)mutex_await_lock(&mutex);
    return mutex_await_lock(&mutex);
}

static int only_unlock(void *arg)
{
    (void)arg;
    mutex_unlock(&mutex);
    return 0;
}

static void lock_it_twice(void)
{
    setup(0);
    spawn(0, lock_again);
}

static void unlock_anothers(void)
{
    setup(0);
    spawn(0, lock_and_wait);
    spawn(1, only_unlock);
}

static void unlock_what_is_not_locked(void)
{
    setup(0);
    spawn(0, only_unlock);
}

TEST(unlocking_a_foreign_mutex_and_locking_twice_are_asserted)
{
    check(forked_aborts(lock_it_twice));
    check(forked_aborts(unlock_anothers));
    check(forked_aborts(unlock_what_is_not_locked));
}

int main(void)
{
    suite_begin("semaphores");
    suite_add(an_available_semaphore_unit_is_taken_without_a_switch);
    suite_add(a_semaphore_serves_the_longest_waiter_first);
    suite_add(a_semaphore_keeps_a_unit_that_has_no_waiter);
    suite_add(a_later_task_does_not_overtake_a_served_waiter);
    suite_add(a_cancelled_semaphore_wait_keeps_the_order_of_the_others);
    suite_add(a_deadline_ends_a_semaphore_wait_without_taking_a_unit);
    suite_add(a_waiter_served_before_its_cancel_has_the_semaphore_unit);
    suite_add(a_pending_cancel_ends_a_semaphore_wait_at_once);
    suite_add(a_semaphore_admits_no_more_tasks_than_its_count);
    suite_add(a_mutex_is_held_across_a_wait_and_passed_on);
    suite_add(a_task_cancelled_while_it_waits_never_owns_the_mutex);
    suite_add(unlocking_a_foreign_mutex_and_locking_twice_are_asserted);
    return suite_end();
}
