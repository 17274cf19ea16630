/* response_bytes.c: heads written piece by piece: numbers, values that would
 * split a response, and writes that fail. */
#include "response.h"

#include <errno.h>
#include <stdio.h>

#include "fence.h"
#include "heads.h"
#include "random.h"

static struct fence input;

static const uint64_t numbers[] = {
    0,          1,          9,          10,         99,
    100,        4294967295, 4294967296, INT64_MAX,  (uint64_t)1 << 63,
    UINT64_MAX,
};

TEST(numbers_are_written_as_printf_does)
{
    struct random random = random_begin();

    for (size_t i = 0; i < countof(numbers) + 10000; i++) {
        uint64_t number = i < countof(numbers)
                              ? numbers[i]
                              : random_next(&random) >> (i % 64);
        char expected[64], buf[64];
        struct response r;
        int len = snprintf(expected, sizeof expected, "N: %ju\r\n",
                           (uintmax_t)number);

        response_init(&r, buf, sizeof buf);
        response_number(&r, "N", number);
        if (r.result != 0 || r.len != (size_t)len ||
            memcmp(buf, expected, r.len) != 0)
            ck_abort_msg("%.*s", (int)r.len, buf);
    }
}

TEST(a_head_can_be_written_part_by_part)
{
    char *buf = fence_buffer(&output, 256);
    struct date_cache date = {0};
    struct response r;
    struct message m;
    int len;

    response_init(&r, buf, 256);
    response_status(&r, 204);
    response_lines(&r, date_line(&date, NOW_S));
    response_field(&r, "Allow", view_of(RESPONSE_ALLOW));
    response_number(&r, "Age", 0);
    len = response_end(&r);
    response_body(&r, view_of("more"));
    check_message(buf, len, &m);
    ck_assert_int_eq(m.status, 204);
    check_value(&m, "Allow", "GET, HEAD, OPTIONS");
    check_value(&m, "Age", "0");
    ck_assert_uint_eq(r.len, (size_t)len + 4);
}

static const char *const splitting_values[] = {
    "\r\nSet-Cookie: x=y", "/\r\n\r\n<html>", "/\n", "\r", "a\nb", "a\rb",
    "a\tb",                "\x7f",            "\x01", " a", "a ",
};

TEST(no_value_can_split_a_response)
{
    char buf[512];

    for (size_t i = 0; i < countof(splitting_values); i++) {
        struct view value = fence_text(&input, splitting_values[i]);
        struct response_head head = {.status = 301, .location = value};

        check_res(response_write_head(buf, sizeof buf, &head), -EINVAL);
        check_res(response_write_page(buf, sizeof buf, &head), -EINVAL);
        head = (struct response_head){.status = 200, .type = value};
        check_res(response_write_head(buf, sizeof buf, &head), -EINVAL);
    }
}

/* Random bytes as a value: the head is refused, or it is read back whole. */
TEST(a_random_value_is_refused_or_comes_back)
{
    struct random random = random_begin();
    uint64_t rounds = random_option("FUZZ_ROUNDS", 100000), good = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        char bytes[16], buf[256];
        size_t len = 1 + random_below(&random, sizeof bytes);
        struct response_head head = {.status = 301};
        struct message m;
        int result;

        for (size_t j = 0; j < len; j++)
            bytes[j] = (char)(i % 2 ? random_next(&random)
                                    : ' ' + random_below(&random, 95));
        head.location = fence_copy(&input, bytes, len);
        result = response_write_head(buf, sizeof buf, &head);
        if (result == -EINVAL && !is_value(head.location))
            continue;
        good++;
        if (result < 0 ||
            !read_message((struct view){buf, (size_t)result}, &m) ||
            m.count != 4 ||
            !view_equal(value_of(&m, "Location"), head.location))
            ck_abort_msg("round %ju: %s, %.*s", (uintmax_t)i,
                         err_name(result), result > 0 ? result : 0, buf);
    }
    ck_assert_uint_gt(good, rounds / 10);
}

TEST(the_first_failure_is_the_one_reported)
{
    char *buf = fence_buffer(&output, 8);
    struct response r;

    response_init(&r, buf, 8);
    response_field(&r, "A", view_of("\n"));
    response_status(&r, 200);
    check_res(response_end(&r), -EINVAL);
    ck_assert_uint_le(r.len, r.size);

    response_init(&r, buf, 8);
    response_status(&r, 200);
    response_field(&r, "A", view_of("\n"));
    check_res(response_end(&r), -EMSGSIZE);
    ck_assert_uint_eq(r.len, 0);

    response_init(&r, NULL, 0);
    check_res(response_end(&r), -EMSGSIZE);
}

int main(void)
{
    suite_begin("response_bytes");
    suite_add(numbers_are_written_as_printf_does);
    suite_add(a_head_can_be_written_part_by_part);
    suite_add(no_value_can_split_a_response);
    suite_add(a_random_value_is_refused_or_comes_back);
    suite_add(the_first_failure_is_the_one_reported);
    return suite_end();
}
