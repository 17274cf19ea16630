/* generator_task.c: generators whose bodies wait, and tasks that ask them. */
#include "generator.h"

#include <errno.h>

#include "forked.h"
#include "generators.h"
#include "task.h"

static struct generator pool[64]; /* one for each stack: they can be large */
static int many = 1000000;

/* In tasks. */
static struct sched sched;
static struct task tasks[8];

static void run_tasks(void)
{
    while (!sched_is_idle(&sched))
        sched_run(&sched, 100);
}

static void setup_tasks(void)
{
    setup();
    check_res(sched_init(&sched, 8, 16 << 10, 4), 0);
}

static void teardown_tasks(void)
{
    run_tasks();
    ck_assert_uint_eq(sched.count, 0);
    sched_finish(&sched);
    teardown();
}

/* A body that waits: other tasks run in the middle of it. */
static int count_and_wait(struct generator *self, void *arg)
{
    int limit = *(int *)arg, rc = 0;

    for (int i = 1; i <= limit && rc == 0; i++) {
        task_yield();
        rc = generator_yield(self, boxed(i), NULL);
    }
    return rc;
}

static int sum_up(void *arg)
{
    struct generator *g = &pool[stack_count];
    void *value;
    int sum = 0;

    make(g, count_and_wait, arg);
    while (generator_next(g, &value)) {
        sum += (int)unboxed(value);
        task_yield();
    }
    generator_finish(g);
    return sum;
}

TEST(a_generator_body_may_wait_while_other_tasks_run)
{
    static int limits[8] = {10, 20, 30, 40, 50, 60, 70, 80};

    setup_tasks();
    for (int i = 0; i < 8; i++)
        check_res(task_spawn(&tasks[i], "sum", sum_up, &limits[i]), 0);
    run_tasks();
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(tasks[i].result, limits[i] * (limits[i] + 1) / 2);
    teardown_tasks();
}

static int take_one(void *arg)
{
    void *value;

    (void)arg;
    check(generator_next(&one, &value));
    return (int)unboxed(value);
}

TEST(several_tasks_and_main_may_request_values_of_a_generator)
{
    setup_tasks();
    make(&one, count_up, &many);
    for (int i = 0; i < 4; i++) {
        check_res(task_spawn(&tasks[i], "taker", take_one, NULL), 0);
        run_tasks();
        ck_assert_int_eq(tasks[i].result, 2 * i + 1);
        expect_next(&one, 2 * i + 2);
    }
    teardown_tasks();
}

static void wake_task(struct task_wait *wait)
{
    (void)wait;
    task_make_ready(&tasks[0]);
}

static int wait_in_body(struct generator *self, void *arg)
{
    struct task_wait wait = {.interrupt = wake_task};

    (void)self, (void)arg;
    task_park(&wait);
    return task_take_interruption();
}

static int drain(void *arg)
{
    struct generator *g = arg;

    while (generator_next(g, NULL))
        ran++;
    return g->result;
}

TEST(a_cancel_of_the_task_reaches_a_generator_body_that_waits)
{
    setup_tasks();
    make(&two, wait_in_body, NULL);
    make(&one, delegate_to_two, NULL);
    check_res(task_spawn(&tasks[0], "drain", drain, &one), 0);
    run_tasks();
    ck_assert_int_eq(tasks[0].state, TASK_PARKED);
    task_cancel(&tasks[0]);
    run_tasks();
    check_res(tasks[0].result, -ECANCELED);
    teardown_tasks();
}

static void resume_while_the_body_waits(void)
{
    setup_tasks();
    make(&one, wait_in_body, NULL);
    for (int i = 0; i < 2; i++)
        task_spawn(&tasks[i], "drain", drain, &one);
    run_tasks();
}

TEST(another_task_must_not_resume_a_generator_that_waits)
{
    check(forked_aborts(resume_while_the_body_waits));
}

int main(void)
{
    suite_begin("generator_task");
    suite_add(a_generator_body_may_wait_while_other_tasks_run);
    suite_add(several_tasks_and_main_may_request_values_of_a_generator);
    suite_add(a_cancel_of_the_task_reaches_a_generator_body_that_waits);
    suite_add(another_task_must_not_resume_a_generator_that_waits);
    return suite_end();
}
