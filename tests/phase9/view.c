/* view.c: strings as (pointer, length). */
#include "view.h"

#include <errno.h>

#include "suite.h"

static const struct view none = {NULL, 0};

TEST(a_view_distinguishes_none_from_empty)
{
    check(view_is_none(none));
    check(!view_is_none(view_of("")));
    check(view_of("").len == 0);
    check(view_equal(none, view_of("")));
}

TEST(equal_means_byte_for_byte)
{
    struct view a = {"a\0b", 3}, b = {"a\0c", 3};

    check(view_equal(view_of("ab"), view_of("ab")));
    check(!view_equal(view_of("ab"), view_of("aB")));
    check(!view_equal(view_of("ab"), view_of("abc")));
    check(view_equal(a, a));
    check(!view_equal(a, b));
}

/* All pairs of bytes: the case of letters is ignored, and of nothing else. The
 * pairs "@`", "[{" and "0\x10" differ in that bit, too. */
TEST(equal_without_case_ignores_the_case_of_letters_only)
{
    for (int i = 0; i < 256; i++) {
        for (int k = 0; k < 256; k++) {
            char a = (char)i, b = (char)k;
            bool letters = (i >= 'A' && i <= 'Z' && k == i + 32) ||
                           (k >= 'A' && k <= 'Z' && i == k + 32);
            bool equal =
                view_equal_nocase((struct view){&a, 1}, (struct view){&b, 1});

            ck_assert_msg(equal == (i == k || letters), "%d and %d", i, k);
        }
    }
    check(view_equal_nocase(view_of("Content-LENGTH"),
                            view_of("cONTENT-length")));
    check(!view_equal_nocase(view_of("a"), view_of("ab")));
    check(view_equal_nocase(none, none));
}

TEST(trim_takes_blanks_and_tabs_at_both_ends)
{
    check(view_equal(view_trim(view_of(" \t a b\t ")), view_of("a b")));
    check(view_trim(view_of(" \t ")).len == 0);
    check(view_trim(view_of("")).len == 0);
    check(view_trim((struct view){"    ", 2}).len == 0); /* no further */
    check(view_trim((struct view){"  a ", 3}).len == 1);
    check(view_equal(view_trim(view_of("\va\r")), view_of("\va\r")));
}

static void check_elements(const char *text, size_t count,
                           const char *const *expected)
{
    struct view list = view_of(text), element;

    for (size_t i = 0; i < count; i++) {
        check(view_next_element(&list, &element));
        ck_assert_msg(view_equal(element, view_of(expected[i])),
                      "'%s', element %zu is '%.*s'", text, i, (int)element.len,
                      element.at);
    }
    check(!view_next_element(&list, &element));
    check(view_is_none(list));
}

TEST(a_list_is_split_at_its_commas)
{
    check_elements("a", 1, (const char *[]){"a"});
    check_elements("a,b", 2, (const char *[]){"a", "b"});
    check_elements(" a\t,\tb c ", 2, (const char *[]){"a", "b c"});
}

TEST(empty_elements_of_a_list_are_elements)
{
    check_elements("", 1, (const char *[]){""});
    check_elements(",", 2, (const char *[]){"", ""});
    check_elements("a,, b,", 4, (const char *[]){"a", "", "b", ""});
}

TEST(a_number_is_digits_and_nothing_else)
{
    static const struct {
        const char *text;
        int result;
        uint64_t value;
    } rows[] = {
        {"0", 0, 0},
        {"7", 0, 7},
        {"1234567890", 0, 1234567890},
        {"9223372036854775807", 0, INT64_MAX},
        {"9223372036854775808", -ERANGE, 0},
        {"18446744073709551616", -ERANGE, 0},
        {"99999999999999999999999999", -ERANGE, 0},
        {"9999999999999999999999999x", -EINVAL, 0},
        {"", -EINVAL, 0},
        {"00", 0, 0},
        {"007", 0, 7},
        {"010", 0, 10},
        {"0000000000000000000000000000000000000001", 0, 1},
        {"00009223372036854775807", 0, INT64_MAX},
        {"00009223372036854775808", -ERANGE, 0},
        {"00x", -EINVAL, 0},
        {"+1", -EINVAL, 0},
        {"-1", -EINVAL, 0},
        {" 1", -EINVAL, 0},
        {"1 ", -EINVAL, 0},
        {"1_0", -EINVAL, 0},
        {"0x1", -EINVAL, 0},
        {"1.", -EINVAL, 0},
        {"/", -EINVAL, 0},
        {":", -EINVAL, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 42;
        int rc = view_to_number(view_of(rows[i].text), INT64_MAX, &value);

        ck_assert_msg(rc == rows[i].result, "'%s': %s", rows[i].text,
                      err_name(rc));
        check(value == (rc == 0 ? rows[i].value : 42));
    }
}

TEST(a_number_meets_its_maximum_exactly)
{
    uint64_t value = 0;

    check_res(view_to_number(view_of("100"), 100, &value), 0);
    check(value == 100);
    check_res(view_to_number(view_of("101"), 100, &value), -ERANGE);
    check_res(view_to_number(view_of("1000"), 100, &value), -ERANGE);
    check_res(
        view_to_number(view_of("18446744073709551615"), UINT64_MAX, &value), 0);
    check(value == UINT64_MAX);
    check_res(
        view_to_number(view_of("18446744073709551616"), UINT64_MAX, &value),
        -ERANGE);
    check_res(view_to_number(view_of("0"), 0, &value), 0);
    check_res(view_to_number(view_of("1"), 0, &value), -ERANGE);
}

TEST(a_hexadecimal_digit_has_one_of_22_bytes)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    int count = 0;

    for (int c = 0; c < 256; c++)
        count += view_hex_digit((char)c) >= 0;
    check(count == 22);
    for (int i = 0; i < 32; i++)
        check_res(view_hex_digit(digits[i]), i % 16);
    check_res(view_hex_digit('g'), -EINVAL);
}

int main(void)
{
    suite_begin("view");
    suite_add(a_view_distinguishes_none_from_empty);
    suite_add(equal_means_byte_for_byte);
    suite_add(equal_without_case_ignores_the_case_of_letters_only);
    suite_add(trim_takes_blanks_and_tabs_at_both_ends);
    suite_add(a_list_is_split_at_its_commas);
    suite_add(empty_elements_of_a_list_are_elements);
    suite_add(a_number_is_digits_and_nothing_else);
    suite_add(a_number_meets_its_maximum_exactly);
    suite_add(a_hexadecimal_digit_has_one_of_22_bytes);
    return suite_end();
}
