/* check.h: as much of Check's interface as phase 3's units use.
 *
 * Test support. Needs: nothing.
 *
 * For an architecture on which Check is not installed: the same test sources,
 * compiled against this header and runner.c beside it. */
#ifndef TESTS_CROSS_CHECK_H
#define TESTS_CROSS_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TTest struct check_test

TTest {
    const char *name;
    void (*fn)(int i);
};

#define START_TEST(test)                                                      \
    static void test##_fn(int i_);                                            \
    static const TTest test##_ttest = {#test, test##_fn};                     \
    static const TTest *const test = &test##_ttest;                           \
    static void test##_fn(int i_ __attribute__((unused)))

#define ck_abort_msg(...)                                                     \
    do {                                                                      \
        printf("FAILED %s:%d: ", __FILE__, __LINE__);                         \
        printf(__VA_ARGS__);                                                  \
        printf("\n");                                                         \
        exit(1);                                                              \
    } while (0)

#define ck_assert_msg(expression, ...)                                        \
    do {                                                                      \
        if (!(expression))                                                    \
            ck_abort_msg(__VA_ARGS__);                                        \
    } while (0)

#define check_compare(a, operation, b)                                        \
    ck_assert_msg((a)operation(b), "%s %s %s", #a, #operation, #b)

#define ck_assert_int_eq(a, b) check_compare(a, ==, b)
#define ck_assert_int_ne(a, b) check_compare(a, !=, b)
#define ck_assert_int_lt(a, b) check_compare(a, <, b)
#define ck_assert_int_le(a, b) check_compare(a, <=, b)
#define ck_assert_int_gt(a, b) check_compare(a, >, b)
#define ck_assert_int_ge(a, b) check_compare(a, >=, b)
#define ck_assert_uint_eq(a, b) check_compare(a, ==, b)
#define ck_assert_uint_ne(a, b) check_compare(a, !=, b)
#define ck_assert_uint_lt(a, b) check_compare(a, <, b)
#define ck_assert_uint_le(a, b) check_compare(a, <=, b)
#define ck_assert_uint_gt(a, b) check_compare(a, >, b)
#define ck_assert_uint_ge(a, b) check_compare(a, >=, b)
#define ck_assert_ptr_eq(a, b)                                                \
    check_compare((const void *)(a), ==, (const void *)(b))
#define ck_assert_ptr_null(a) check_compare((const void *)(a), ==, NULL)
#define ck_assert_str_eq(a, b) check_compare(strcmp(a, b), ==, 0)

#endif
