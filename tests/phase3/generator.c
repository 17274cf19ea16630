/* generator.c: values come out, values and errors go in, and an end is an end.
 * No scheduler but where a test says so, and no kernel. */
#include "generator.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "forked.h"
#include "suite.h"
#include "task.h"

#define STACK_LEN ((16 << 10) * TOOLS_STACK_FACTOR)

static struct stack_arena arena;
static struct stack stacks[64];
static uint32_t stack_count;
static struct generator one, two;
static struct generator pool[64]; /* one for each stack: they can be large */
static int cleaned, ran;

static void setup(void)
{
    check_res(stack_arena_init(&arena, 64, STACK_LEN), 0);
    stack_count = 0;
    cleaned = ran = 0;
}

/* A generator on a stack of its own. */
static void make(struct generator *g, generator_fn *fn, void *arg)
{
    struct stack *stack = &stacks[stack_count++];

    check_res(stack_take(&arena, stack), 0);
    generator_init(g, *stack, fn, arg);
}

static void teardown(void)
{
    generator_finish(&one);
    generator_finish(&two);
    for (uint32_t i = 0; i < stack_count; i++)
        stack_release(&arena, stacks[i]);
    stack_arena_finish(&arena);
}

/* A number as a value. */
static void *boxed(intptr_t number)
{
    return (void *)number;
}

static intptr_t unboxed(void *value)
{
    return (intptr_t)value;
}

static void expect_next(struct generator *g, intptr_t number)
{
    void *value = NULL;

    check(generator_next(g, &value));
    ck_assert_int_eq(unboxed(value), number);
}

static void expect_end(struct generator *g, int result)
{
    check(!generator_next(g, NULL));
    check_res(g->result, result);
}

/* 1, 2, ... up to *arg, which is also the result. */
static int count_up(struct generator *self, void *arg)
{
    int limit = *(int *)arg;

    ran++;
    for (int i = 1; i <= limit; i++) {
        int rc = generator_yield(self, boxed(i), NULL);

        if (rc < 0) {
            cleaned++;
            return rc;
        }
    }
    return limit;
}

static int three = 3, many = 1000000;

TEST(values_come_out_in_the_order_of_the_yields)
{
    void *value;
    int sum = 0;

    setup();
    make(&one, count_up, &three);
    while (generator_next(&one, &value))
        sum = sum * 10 + (int)unboxed(value);
    ck_assert_int_eq(sum, 123);
    check_res(one.result, 3);
    teardown();
}

TEST(nothing_runs_before_the_first_value_is_asked_for)
{
    setup();
    make(&one, count_up, &three);
    ck_assert_int_eq(ran, 0);
    ck_assert_int_eq(one.state, GENERATOR_NEW);
    expect_next(&one, 1);
    ck_assert_int_eq(ran, 1);
    ck_assert_int_eq(one.state, GENERATOR_SUSPENDED);
    teardown();
}

static int yield_nothing(struct generator *self, void *arg)
{
    (void)self;
    return *(int *)arg;
}

TEST(a_body_without_a_yield_has_only_a_result)
{
    setup();
    make(&one, yield_nothing, &three);
    expect_end(&one, 3);
    ck_assert_int_eq(one.state, GENERATOR_ENDED);
    teardown();
}

TEST(two_generators_do_not_disturb_each_other)
{
    setup();
    make(&one, count_up, &many);
    make(&two, count_up, &three);
    for (int i = 1; i <= 3; i++) {
        expect_next(&one, i);
        expect_next(&two, i);
    }
    expect_end(&two, 3);
    expect_next(&one, 4);
    teardown();
}

/* PEP 342's example: each yield hands out the mean, and is sent a number. */
static int mean(struct generator *self, void *arg)
{
    intptr_t sum = 0, count = 0;
    void *sent = NULL;
    int rc = generator_yield(self, boxed(0), &sent);

    (void)arg;
    while (rc == 0) {
        sum += unboxed(sent);
        count++;
        rc = generator_yield(self, boxed(sum / count), &sent);
    }
    return rc;
}

TEST(what_is_sent_is_what_the_yield_gives)
{
    void *value;

    setup();
    make(&one, mean, NULL);
    expect_next(&one, 0);
    check(generator_send(&one, boxed(10), &value));
    ck_assert_int_eq(unboxed(value), 10);
    check(generator_send(&one, boxed(30), &value));
    ck_assert_int_eq(unboxed(value), 20);
    check(generator_send(&one, boxed(80), NULL));
    teardown();
    check_res(one.result, -ECANCELED);
}

/* Says what was thrown, as a value, and goes on; 0 ends it. */
static int catch_all(struct generator *self, void *arg)
{
    int caught = 1;

    (void)arg;
    while (caught != 0 && caught != -ECANCELED)
        caught = generator_yield(self, boxed(caught), NULL);
    return caught == 0 ? 7 : caught;
}

TEST(what_is_thrown_is_what_the_yield_returns)
{
    void *value;

    setup();
    make(&one, catch_all, NULL);
    expect_next(&one, 1);
    check(generator_throw(&one, -EIO, &value));
    ck_assert_int_eq(unboxed(value), -EIO);
    check(generator_throw(&one, -ENOENT, &value));
    ck_assert_int_eq(unboxed(value), -ENOENT);
    expect_end(&one, 7);
    teardown();
}

TEST(what_is_not_handled_is_the_result)
{
    setup();
    make(&one, count_up, &three);
    expect_next(&one, 1);
    check(!generator_throw(&one, -EIO, NULL));
    check_res(one.result, -EIO);
    ck_assert_int_eq(cleaned, 1);
    teardown();
}

TEST(throwing_into_one_that_has_not_begun_ends_it_without_its_body)
{
    setup();
    make(&one, count_up, &three);
    check(!generator_throw(&one, -EIO, NULL));
    check_res(one.result, -EIO);
    ck_assert_int_eq(ran, 0);
    teardown();
}

TEST(finishing_an_unfinished_one_lets_its_body_clean_up)
{
    setup();
    make(&one, count_up, &three);
    expect_next(&one, 1);
    check_res(generator_finish(&one), -ECANCELED);
    ck_assert_int_eq(cleaned, 1);
    ck_assert_int_eq(one.state, GENERATOR_ENDED);
    teardown();
}

TEST(finishing_is_for_what_never_began_and_what_has_ended_too)
{
    static struct generator none;

    setup();
    check_res(generator_finish(&none), 0);
    make(&one, count_up, &three);
    check_res(generator_finish(&one), -ECANCELED);
    ck_assert_int_eq(ran, 0);
    make(&two, yield_nothing, &three);
    expect_end(&two, 3);
    check_res(generator_finish(&two), 3);
    check_res(generator_finish(&two), 3);
    teardown();
}

/* What a generator of one frame cannot do: yield in a function it called. */
static int yield_below(struct generator *self, int depth)
{
    char here[64];
    int rc = 0;

    memset(here, depth, sizeof here);
    if (depth > 0)
        rc = yield_below(self, depth - 1);
    if (rc == 0)
        rc = generator_yield(self, boxed(depth), NULL);
    ck_assert_int_eq(here[depth % 64], depth);
    return rc;
}

static int yield_at_each_depth(struct generator *self, void *arg)
{
    return yield_below(self, *(int *)arg);
}

TEST(a_yield_may_stand_at_any_depth_of_calls)
{
    int depth = 9;

    setup();
    make(&one, yield_at_each_depth, &depth);
    for (int i = 0; i <= 9; i++)
        expect_next(&one, i);
    expect_end(&one, 0);
    teardown();
}

/* yield from two; then its result as a value. */
static int delegate_to_two(struct generator *self, void *arg)
{
    int result = generator_delegate(self, &two);

    (void)arg;
    if (result == -ECANCELED)
        return result;
    (void)generator_yield(self, boxed(result), NULL);
    return 100;
}

TEST(a_delegate_yields_for_the_other_and_returns_its_result)
{
    setup();
    make(&two, count_up, &three);
    make(&one, delegate_to_two, NULL);
    for (int i = 1; i <= 3; i++)
        expect_next(&one, i);
    expect_next(&one, 3); /* the result */
    expect_end(&one, 100);
    teardown();
}

TEST(what_is_sent_and_thrown_goes_through_to_the_inner_one)
{
    void *value;

    setup();
    make(&two, mean, NULL);
    make(&one, delegate_to_two, NULL);
    expect_next(&one, 0);
    check(generator_send(&one, boxed(10), NULL));
    check(generator_send(&one, boxed(20), &value));
    ck_assert_int_eq(unboxed(value), 15);
    check(generator_throw(&one, -EIO, &value)); /* its result, as a value */
    ck_assert_int_eq(unboxed(value), -EIO);
    check_res(two.result, -EIO);
    expect_end(&one, 100);
    teardown();
}

TEST(the_inner_one_may_handle_what_was_thrown_and_yield_on)
{
    void *value;

    setup();
    make(&two, catch_all, NULL);
    make(&one, delegate_to_two, NULL);
    expect_next(&one, 1);
    check(generator_throw(&one, -ENOSPC, &value));
    ck_assert_int_eq(unboxed(value), -ENOSPC);
    expect_next(&one, 7);
    teardown();
}

/* Ends when told to, and calls it a success. */
static int end_well(struct generator *self, void *arg)
{
    (void)arg;
    while (generator_yield(self, NULL, NULL) == 0)
        ran++;
    cleaned++;
    return 0;
}

TEST(finishing_the_outer_one_finishes_the_inner_one_first)
{
    setup();
    make(&two, end_well, NULL);
    make(&one, delegate_to_two, NULL);
    expect_next(&one, 0);
    check_res(generator_finish(&one), -ECANCELED);
    ck_assert_int_eq(cleaned, 1);
    ck_assert_int_eq(two.state, GENERATOR_ENDED);
    check_res(two.result, 0);
    teardown();
}

/* In-order, each level a generator: what "yield from" was invented for. */
static int walk(struct generator *self, void *arg)
{
    intptr_t node = *(intptr_t *)arg, child;
    int rc = 0;

    for (int side = 0; side < 2 && rc == 0; side++) {
        child = 2 * node + side;
        if (child < 16) {
            struct generator *below = &pool[stack_count];

            make(below, walk, &child);
            rc = generator_delegate(self, below);
            generator_finish(below);
        }
        if (rc == 0 && side == 0)
            rc = generator_yield(self, boxed(node), NULL);
    }
    return rc;
}

TEST(generators_that_delegate_to_themselves_walk_a_tree)
{
    static const int order[] = {8, 4, 9, 2, 10, 5, 11, 1,
                                12, 6, 13, 3, 14, 7, 15};
    intptr_t root = 1;

    setup();
    make(&one, walk, &root);
    for (int i = 0; i < 15; i++)
        expect_next(&one, order[i]);
    expect_end(&one, 0);
    teardown();
}

TEST(a_tree_walk_that_is_given_up_half_way_ends_at_each_level)
{
    intptr_t root = 1;

    setup();
    make(&one, walk, &root);
    for (int i = 0; i < 5; i++)
        check(generator_next(&one, NULL));
    check_res(generator_finish(&one), -ECANCELED);
    teardown();
}

/* A pipeline: source | grep | count. Data flows as it is asked for. */
static const char *const lines[] = {"one ring", "two rings", "no bell",
                                    "a ring", "nothing"};

static int source(struct generator *self, void *arg)
{
    int rc = 0;

    (void)arg;
    for (size_t i = 0; i < sizeof lines / sizeof *lines && rc == 0; i++) {
        ran++;
        rc = generator_yield(self, (void *)lines[i], NULL);
    }
    return rc;
}

struct grep {
    struct generator *from;
    const char *text;
};

static int grep(struct generator *self, void *arg)
{
    const struct grep *grep = arg;
    void *line;
    int rc = 0;

    while (rc == 0 && generator_next(grep->from, &line))
        if (strstr(line, grep->text) != NULL)
            rc = generator_yield(self, line, NULL);
    generator_finish(grep->from);
    return rc;
}

static struct grep rings = {&one, "ring"};

TEST(a_pipeline_counts_what_its_filter_lets_through)
{
    void *line;
    int count = 0;

    setup();
    make(&one, source, NULL);
    make(&two, grep, &rings);
    while (generator_next(&two, &line))
        count++;
    ck_assert_int_eq(count, 3);
    ck_assert_int_eq(ran, 5);
    teardown();
}

TEST(a_pipeline_reads_no_further_than_it_is_asked)
{
    void *line;

    setup();
    make(&one, source, NULL);
    make(&two, grep, &rings);
    check(generator_next(&two, &line));
    ck_assert_str_eq(line, "one ring");
    ck_assert_int_eq(ran, 1);
    check(generator_next(&two, &line));
    ck_assert_str_eq(line, "two rings");
    ck_assert_int_eq(ran, 2);
    teardown();
}

TEST(a_pipeline_that_is_given_up_ends_down_to_its_source)
{
    setup();
    make(&one, source, NULL);
    make(&two, grep, &rings);
    check(generator_next(&two, NULL));
    check_res(generator_finish(&two), -ECANCELED);
    ck_assert_int_eq(one.state, GENERATOR_ENDED);
    check_res(one.result, -ECANCELED);
    teardown();
}

/* PEP 342's other direction: what is sent flows down a chain of consumers. */
static int count_sent(struct generator *self, void *arg)
{
    void *line = NULL;
    int *count = arg, rc = generator_yield(self, NULL, &line);

    while (rc == 0) {
        *count += strstr(line, "ring") != NULL;
        rc = generator_yield(self, NULL, &line);
    }
    return rc;
}

TEST(lines_may_be_pushed_as_well_as_pulled)
{
    int count = 0;

    setup();
    make(&one, count_sent, &count);
    check(generator_next(&one, NULL)); /* up to its first yield */
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        check(generator_send(&one, (void *)lines[i], NULL));
    ck_assert_int_eq(count, 3);
    teardown();
}

TEST(a_million_values_do_not_grow_the_stack)
{
    setup();
    make(&one, count_up, &many);
    while (generator_next(&one, NULL))
        ran++;
    ck_assert_int_eq(ran, 1000001);
    teardown();
}

static int dig(int depth)
{
    volatile char frame[512];

    frame[0] = (char)depth;
    return depth == 0 ? frame[0] : dig(depth - 1) + frame[0];
}

static int dig_too_deep(struct generator *self, void *arg)
{
    (void)self, (void)arg;
    return dig(1000000);
}

static void overflow(void)
{
    setup();
    make(&one, dig_too_deep, NULL);
    generator_next(&one, NULL);
}

TEST(a_stack_that_overflows_stops_the_process)
{
    check(forked_faults(overflow));
}

/* What a program must not do. */
static int resume_oneself(struct generator *self, void *arg)
{
    (void)arg;
    return generator_next(self, NULL);
}

static void reenter(void)
{
    setup();
    make(&one, resume_oneself, NULL);
    generator_next(&one, NULL);
}

static void resume_what_has_ended(void)
{
    setup();
    make(&one, yield_nothing, &three);
    generator_next(&one, NULL);
    generator_next(&one, NULL);
}

static void send_to_what_has_not_begun(void)
{
    setup();
    make(&one, count_up, &three);
    generator_send(&one, boxed(1), NULL);
}

static int yield_for_ever(struct generator *self, void *arg)
{
    (void)arg;
    while (generator_yield(self, NULL, NULL) <= 0)
        ran++;
    return 0;
}

static void finish_what_does_not_end(void)
{
    setup();
    make(&one, yield_for_ever, NULL);
    generator_next(&one, NULL);
    generator_finish(&one);
}

static void yield_from_outside(void)
{
    setup();
    make(&one, count_up, &three);
    generator_yield(&one, NULL, NULL);
}

TEST(mistakes_stop_the_program)
{
    check(forked_aborts(reenter));
    check(forked_aborts(resume_what_has_ended));
    check(forked_aborts(send_to_what_has_not_begun));
    check(forked_aborts(finish_what_does_not_end));
    check(forked_aborts(yield_from_outside));
}

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

TEST(a_body_may_wait_and_other_tasks_run_meanwhile)
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

TEST(each_value_may_be_asked_for_by_another_task_or_by_none)
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

TEST(a_cancel_of_the_task_is_delivered_where_its_body_waits)
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

TEST(another_task_must_not_resume_it_while_its_body_waits)
{
    check(forked_aborts(resume_while_the_body_waits));
}

int main(void)
{
    suite_begin("generator");
    suite_add(values_come_out_in_the_order_of_the_yields);
    suite_add(nothing_runs_before_the_first_value_is_asked_for);
    suite_add(a_body_without_a_yield_has_only_a_result);
    suite_add(two_generators_do_not_disturb_each_other);
    suite_add(what_is_sent_is_what_the_yield_gives);
    suite_add(what_is_thrown_is_what_the_yield_returns);
    suite_add(what_is_not_handled_is_the_result);
    suite_add(throwing_into_one_that_has_not_begun_ends_it_without_its_body);
    suite_add(finishing_an_unfinished_one_lets_its_body_clean_up);
    suite_add(finishing_is_for_what_never_began_and_what_has_ended_too);
    suite_add(a_yield_may_stand_at_any_depth_of_calls);
    suite_add(a_delegate_yields_for_the_other_and_returns_its_result);
    suite_add(what_is_sent_and_thrown_goes_through_to_the_inner_one);
    suite_add(the_inner_one_may_handle_what_was_thrown_and_yield_on);
    suite_add(finishing_the_outer_one_finishes_the_inner_one_first);
    suite_add(generators_that_delegate_to_themselves_walk_a_tree);
    suite_add(a_tree_walk_that_is_given_up_half_way_ends_at_each_level);
    suite_add(a_pipeline_counts_what_its_filter_lets_through);
    suite_add(a_pipeline_reads_no_further_than_it_is_asked);
    suite_add(a_pipeline_that_is_given_up_ends_down_to_its_source);
    suite_add(lines_may_be_pushed_as_well_as_pulled);
    suite_add(a_million_values_do_not_grow_the_stack);
    suite_add(a_stack_that_overflows_stops_the_process);
    suite_add(mistakes_stop_the_program);
    suite_add(a_body_may_wait_and_other_tasks_run_meanwhile);
    suite_add(each_value_may_be_asked_for_by_another_task_or_by_none);
    suite_add(a_cancel_of_the_task_is_delivered_where_its_body_waits);
    suite_add(another_task_must_not_resume_it_while_its_body_waits);
    return suite_end();
}
