/* json.c: one JSON document, with its commas right. */
#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static char *text;
static size_t len;

static struct json begin(void)
{
    struct json json = {open_memstream(&text, &len), false};

    check(json.out != NULL);
    return json;
}

static void check_text(struct json *json, const char *expected)
{
    fclose(json->out);
    ck_assert_str_eq(text, expected);
    free(text);
}

TEST(commas_stand_between_and_nowhere_else)
{
    struct json json = begin();

    json_open(&json, NULL, '{');
    json_number(&json, "a", 1);
    json_open(&json, "b", '[');
    json_close(&json, ']');
    json_open(&json, "c", '[');
    json_open(&json, NULL, '{');
    json_close(&json, '}');
    json_bool(&json, NULL, true);
    json_close(&json, ']');
    json_text(&json, "d", "x");
    json_close(&json, '}');
    check_text(&json, "{\"a\":1,\"b\":[],\"c\":[{},true],\"d\":\"x\"}");
}

TEST(what_would_end_a_string_is_escaped)
{
    struct json json = begin();

    json_text(&json, NULL, "a\"b\\c\nd\te\x7f\x01");
    check_text(&json, "\"a\\\"b\\\\c\\u000ad\\u0009e\\u007f\\u0001\"");
}

TEST(a_byte_that_is_no_ascii_does_not_get_in)
{
    struct json json = begin();

    json_text(&json, NULL, "\xff\x80z");
    check_text(&json, "\"\\ufffd\\ufffdz\"");
}

TEST(numbers_keep_all_their_digits)
{
    struct json json = begin();

    json_open(&json, NULL, '[');
    json_number(&json, NULL, INT64_MIN);
    json_number(&json, NULL, INT64_MAX);
    json_text(&json, NULL, NULL);
    json_close(&json, ']');
    check_text(&json,
               "[-9223372036854775808,9223372036854775807,null]");
}

int main(void)
{
    suite_begin("json");
    suite_add(commas_stand_between_and_nowhere_else);
    suite_add(what_would_end_a_string_is_escaped);
    suite_add(a_byte_that_is_no_ascii_does_not_get_in);
    suite_add(numbers_keep_all_their_digits);
    return suite_end();
}
