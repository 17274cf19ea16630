/* server_limits.c: each limit has an option, and each option a range. */
#include "server_limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

static const struct option options[] = {LIMITS_OPTIONS, {NULL, 0, NULL, 0}};

/* In the order of the options: where each is kept, and what it may be. */
static const struct {
    const char *name;
    size_t offset;
    unsigned standard, min, max;
} table[] = {
    {"sq", offsetof(struct limits, sq), LIMIT_SQ, 2, 32768},
    {"cq", offsetof(struct limits, cq), LIMIT_CQ, 16, 65536},
    {"bufs", offsetof(struct limits, bufs), LIMIT_BUFS, 1, 32768},
    {"max-conns", offsetof(struct limits, conns_max), LIMIT_CONNS, 1, 65536},
    {"threads", offsetof(struct limits, threads), LIMIT_THREADS, 1, 64},
    {"header-ms", offsetof(struct limits, header_ms), LIMIT_HEADER_MS, 1,
     86400000},
    {"idle-ms", offsetof(struct limits, idle_ms), LIMIT_IDLE_MS, 1, 86400000},
    {"send-ms", offsetof(struct limits, send_ms), LIMIT_SEND_MS, 1, 86400000},
    {"drain-ms", offsetof(struct limits, drain_ms), LIMIT_DRAIN_MS, 1,
     86400000},
};

static const struct limits standard = LIMITS_DEFAULT;

static unsigned value_of(const struct limits *limits, size_t offset)
{
    unsigned value;

    memcpy(&value, (const char *)limits + offset, sizeof value);
    return value;
}

TEST(each_option_sets_its_limit_and_no_other)
{
    ck_assert_uint_eq(sizeof table / sizeof *table, LIMITS_OPTION_COUNT);
    for (int i = 0; i < LIMITS_OPTION_COUNT; i++) {
        struct limits limits = LIMITS_DEFAULT, expected = LIMITS_DEFAULT;
        unsigned seventeen = 17;

        ck_assert_str_eq(options[i].name, table[i].name);
        ck_assert_int_eq(options[i].val, LIMITS_OPTION_FIRST + i);
        ck_assert_int_eq(options[i].has_arg, required_argument);
        ck_assert_uint_eq(value_of(&limits, table[i].offset),
                          table[i].standard);
        check_res(limits_set(&limits, options[i].val, "17"), 0);
        memcpy((char *)&expected + table[i].offset, &seventeen,
               sizeof seventeen);
        ck_assert_mem_eq(&limits, &expected, sizeof limits);
    }
}

static int set(int i, const char *text, struct limits *limits)
{
    *limits = standard;
    return limits_set(limits, LIMITS_OPTION_FIRST + i, text);
}

TEST(the_ends_of_each_range_are_taken_and_what_lies_beyond_is_not)
{
    for (int i = 0; i < LIMITS_OPTION_COUNT; i++) {
        struct limits limits;
        char text[32];

        snprintf(text, sizeof text, "%u", table[i].min);
        check_res(set(i, text, &limits), 0);
        ck_assert_uint_eq(value_of(&limits, table[i].offset), table[i].min);
        snprintf(text, sizeof text, "%u", table[i].max);
        check_res(set(i, text, &limits), 0);
        ck_assert_uint_eq(value_of(&limits, table[i].offset), table[i].max);
        snprintf(text, sizeof text, "%u", table[i].min - 1);
        check_res(set(i, text, &limits), -EINVAL);
        snprintf(text, sizeof text, "%u", table[i].max + 1);
        check_res(set(i, text, &limits), -EINVAL);
        ck_assert_mem_eq(&limits, &standard, sizeof limits);
    }
}

TEST(what_is_no_number_is_refused)
{
    static const char *const texts[] = {
        "", " 8", "8 ", "-8", "+8", "8x", "0x8", "eight", "8.0",
        "18446744073709551624" /* 2^64 + 8 */, "4294967304" /* 2^32 + 8 */,
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct limits limits;

        ck_assert_msg(set(2, texts[i], &limits) == -EINVAL, "'%s' is taken",
                      texts[i]);
        ck_assert_mem_eq(&limits, &standard, sizeof limits);
    }
}

TEST(a_code_that_is_no_limits_is_refused)
{
    struct limits limits = LIMITS_DEFAULT;

    check_res(limits_set(&limits, LIMITS_OPTION_FIRST - 1, "8"), -EINVAL);
    check_res(limits_set(&limits, LIMITS_OPTION_FIRST + LIMITS_OPTION_COUNT,
                         "8"), -EINVAL);
    check_res(limits_set(&limits, 'p', "8"), -EINVAL);
}

TEST(the_help_names_each_option_and_what_it_is_without)
{
    for (int i = 0; i < LIMITS_OPTION_COUNT; i++) {
        char text[32];

        snprintf(text, sizeof text, "--%s N", table[i].name);
        ck_assert_msg(strstr(limits_help, text) != NULL, "no %s", text);
        snprintf(text, sizeof text, "%u", table[i].standard);
        ck_assert_msg(strstr(limits_help, text) != NULL, "no %s for %s", text,
                      table[i].name);
    }
}

int main(void)
{
    suite_begin("server_limits");
    suite_add(each_option_sets_its_limit_and_no_other);
    suite_add(the_ends_of_each_range_are_taken_and_what_lies_beyond_is_not);
    suite_add(what_is_no_number_is_refused);
    suite_add(a_code_that_is_no_limits_is_refused);
    suite_add(the_help_names_each_option_and_what_it_is_without);
    return suite_end();
}
