/* generator_delegate.c: generators that use others: delegates, walks over
 * trees, and pipelines. */
#include "generator.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "generators.h"

static struct generator pool[64]; /* one for each stack: they can be large */

static int three = 3;

TEST(a_delegating_generator_yields_the_inner_values_and_result)
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

TEST(sends_and_throws_reach_the_inner_generator)
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

TEST(the_inner_generator_may_handle_an_error_and_yield_again)
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

TEST(finishing_the_outer_generator_finishes_the_inner_first)
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

TEST(finishing_a_tree_walk_early_ends_each_level)
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

TEST(a_pipeline_counts_the_lines_that_pass_its_filter)
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

TEST(a_pipeline_reads_no_further_than_requested)
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

TEST(finishing_a_pipeline_early_ends_its_source)
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

TEST(lines_may_be_pushed_into_a_generator)
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

int main(void)
{
    suite_begin("generator_delegate");
    suite_add(a_delegating_generator_yields_the_inner_values_and_result);
    suite_add(sends_and_throws_reach_the_inner_generator);
    suite_add(the_inner_generator_may_handle_an_error_and_yield_again);
    suite_add(finishing_the_outer_generator_finishes_the_inner_first);
    suite_add(generators_that_delegate_to_themselves_walk_a_tree);
    suite_add(finishing_a_tree_walk_early_ends_each_level);
    suite_add(a_pipeline_counts_the_lines_that_pass_its_filter);
    suite_add(a_pipeline_reads_no_further_than_requested);
    suite_add(finishing_a_pipeline_early_ends_its_source);
    suite_add(lines_may_be_pushed_into_a_generator);
    return suite_end();
}
