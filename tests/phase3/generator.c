/* generator.c: a function that yields values one at a time: its values, sends,
 * throws and end, and the mistakes that stop the program. */
#include "generator.h"

#include <errno.h>
#include <string.h>

#include "forked.h"
#include "generators.h"

static int three = 3;
static int many = 1000000;

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

TEST(a_generator_body_does_not_run_before_the_first_request)
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

TEST(a_generator_body_without_a_yield_has_only_a_result)
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

TEST(a_yield_gives_the_value_that_was_sent)
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

TEST(a_yield_returns_the_error_that_was_thrown)
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

TEST(an_error_that_is_not_handled_is_the_result)
{
    setup();
    make(&one, count_up, &three);
    expect_next(&one, 1);
    check(!generator_throw(&one, -EIO, NULL));
    check_res(one.result, -EIO);
    ck_assert_int_eq(cleaned, 1);
    teardown();
}

TEST(throwing_into_a_new_generator_ends_it_before_its_body_runs)
{
    setup();
    make(&one, count_up, &three);
    check(!generator_throw(&one, -EIO, NULL));
    check_res(one.result, -EIO);
    ck_assert_int_eq(ran, 0);
    teardown();
}

TEST(finishing_a_generator_lets_its_body_clean_up)
{
    setup();
    make(&one, count_up, &three);
    expect_next(&one, 1);
    check_res(generator_finish(&one), -ECANCELED);
    ck_assert_int_eq(cleaned, 1);
    ck_assert_int_eq(one.state, GENERATOR_ENDED);
    teardown();
}

TEST(finishing_accepts_a_new_and_an_ended_generator)
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

/* Yields in a function that the body called. A generator with only one frame
 * cannot do that. */
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

TEST(a_yield_works_at_any_depth_of_calls)
{
    int depth = 9;

    setup();
    make(&one, yield_at_each_depth, &depth);
    for (int i = 0; i <= 9; i++)
        expect_next(&one, i);
    expect_end(&one, 0);
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

/* A program must not do this. */
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

TEST(misuse_of_a_generator_stops_the_program)
{
    check(forked_aborts(reenter));
    check(forked_aborts(resume_what_has_ended));
    check(forked_aborts(send_to_what_has_not_begun));
    check(forked_aborts(finish_what_does_not_end));
    check(forked_aborts(yield_from_outside));
}

int main(void)
{
    suite_begin("generator");
    suite_add(values_come_out_in_the_order_of_the_yields);
    suite_add(a_generator_body_does_not_run_before_the_first_request);
    suite_add(a_generator_body_without_a_yield_has_only_a_result);
    suite_add(two_generators_do_not_disturb_each_other);
    suite_add(a_yield_gives_the_value_that_was_sent);
    suite_add(a_yield_returns_the_error_that_was_thrown);
    suite_add(an_error_that_is_not_handled_is_the_result);
    suite_add(throwing_into_a_new_generator_ends_it_before_its_body_runs);
    suite_add(finishing_a_generator_lets_its_body_clean_up);
    suite_add(finishing_accepts_a_new_and_an_ended_generator);
    suite_add(a_yield_works_at_any_depth_of_calls);
    suite_add(a_million_values_do_not_grow_the_stack);
    suite_add(a_stack_that_overflows_stops_the_process);
    suite_add(misuse_of_a_generator_stops_the_program);
    return suite_end();
}
