/* task.c: tasks take turns, end once, are joined, and keep their own state. */
#include "task.h"

#include <errno.h>
#include <stdlib.h>

#include "forked.h"
#include "rounding.h"
#include "tasks.h"

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

TEST(a_budget_limits_the_tasks_of_one_run)
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

TEST(join_returns_the_result_of_the_task)
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

TEST(a_ninth_task_is_refused_when_the_limit_is_eight)
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

/* The loop can name the tasks that are left. */
TEST(the_task_list_holds_exactly_the_live_tasks)
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

TEST(each_task_has_its_own_rounding_mode)
{
    setup(6);
    for (int i = 0; i < 6; i++)
        spawn(i, round_by_number);
    run_all();
    ck_assert_int_eq(rounding(), FE_TONEAREST);
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

TEST(misuse_of_a_task_is_asserted)
{
    check(forked_aborts(finish_with_a_task_alive));
    check(forked_aborts(make_a_second_scheduler));
    check(forked_aborts(join_what_never_began));
    check(forked_aborts(ask_for_a_task_outside));
}

int main(void)
{
    suite_begin("task");
    suite_add(a_spawned_task_does_not_run_before_its_turn);
    suite_add(tasks_run_in_the_order_in_which_they_became_ready);
    suite_add(a_budget_limits_the_tasks_of_one_run);
    suite_add(join_returns_the_result_of_the_task);
    suite_add(a_ninth_task_is_refused_when_the_limit_is_eight);
    suite_add(a_task_may_be_freed_when_it_has_ended);
    suite_add(the_task_list_holds_exactly_the_live_tasks);
    suite_add(each_task_has_its_own_rounding_mode);
    suite_add(misuse_of_a_task_is_asserted);
    return suite_end();
}
