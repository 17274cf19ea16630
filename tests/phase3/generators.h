/* generators.h: two generators, and values boxed as pointers.
 *
 * Test support of phase 3. Needs: generator.h, suite.h. */
#ifndef TESTS_PHASE3_GENERATORS_H
#define TESTS_PHASE3_GENERATORS_H

#include <errno.h>
#include <stdint.h>

#include "generator.h"
#include "suite.h"

#define STACK_LEN ((16 << 10) * TOOLS_STACK_FACTOR)

static struct stack_arena arena;
static struct stack stacks[64];
static uint32_t stack_count;
static struct generator one, two;
static int cleaned, ran;

static inline void setup(void)
{
    check_res(stack_arena_init(&arena, 64, STACK_LEN), 0);
    stack_count = 0;
    cleaned = ran = 0;
}

/* Makes a generator on a new stack. */
static inline void make(struct generator *g, generator_fn *fn, void *arg)
{
    struct stack *stack = &stacks[stack_count++];

    check_res(stack_take(&arena, stack), 0);
    generator_init(g, *stack, fn, arg);
}

static inline void teardown(void)
{
    generator_finish(&one);
    generator_finish(&two);
    for (uint32_t i = 0; i < stack_count; i++)
        stack_release(&arena, stacks[i]);
    stack_arena_finish(&arena);
}

/* A number as a value. */
static inline void *boxed(intptr_t number)
{
    return (void *)number;
}

static inline intptr_t unboxed(void *value)
{
    return (intptr_t)value;
}

static inline void expect_next(struct generator *g, intptr_t number)
{
    void *value = NULL;

    check(generator_next(g, &value));
    ck_assert_int_eq(unboxed(value), number);
}

static inline void expect_end(struct generator *g, int result)
{
    check(!generator_next(g, NULL));
    check_res(g->result, result);
}

/* 1, 2, ... up to *arg, which is also the result. */
static inline int count_up(struct generator *self, void *arg)
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

/* PEP 342's example: each yield hands out the mean, and is sent a number. */
static inline int mean(struct generator *self, void *arg)
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

/* Says what was thrown, as a value, and goes on; 0 ends it. */
static inline int catch_all(struct generator *self, void *arg)
{
    int caught = 1;

    (void)arg;
    while (caught != 0 && caught != -ECANCELED)
        caught = generator_yield(self, boxed(caught), NULL);
    return caught == 0 ? 7 : caught;
}

/* yield from two; then its result as a value. */
static inline int delegate_to_two(struct generator *self, void *arg)
{
    int result = generator_delegate(self, &two);

    (void)arg;
    if (result == -ECANCELED)
        return result;
    (void)generator_yield(self, boxed(result), NULL);
    return 100;
}

#endif
