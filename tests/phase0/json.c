/* json.c: the one JSON writer, as envcheck and as httpparse use it. */
#include "json.h"

#include <stdint.h>
#include <string.h>

#include "suite.h"

static char text[256];
static size_t text_len;

static void write_to_text(void *to, const char *part, size_t len)
{
    check(to == &text_len);
    check(text_len + len < sizeof text);
    memcpy(text + text_len, part, len);
    text_len += len;
}

static struct json begin(void)
{
    return (struct json){.write = write_to_text, .to = &text_len};
}

static void check_text(const char *expected)
{
    text[text_len] = '\0';
    ck_assert_str_eq(text, expected);
    text_len = 0;
}

TEST(commas_are_only_between_values)
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
    check_text("{\"a\":1,\"b\":[],\"c\":[{},true],\"d\":\"x\"}");
}

TEST(quotes_and_control_characters_are_escaped)
{
    struct json json = begin();

    json_text(&json, NULL, "a\"b\\c\nd\te\x7f\x01");
    check_text("\"a\\\"b\\\\c\\u000ad\\u0009e\\u007f\\u0001\"");
}

TEST(text_shows_a_byte_beyond_ascii_as_u_fffd)
{
    struct json json = begin();

    json_text(&json, NULL, "\xff\x80z");
    check_text("\"\\ufffd\\ufffdz\"");
}

TEST(latin1_keeps_the_number_of_each_byte)
{
    struct json json = begin();

    json_latin1(&json, NULL, "a\0\"\x7f\x80\xffz", 7);
    check_text("\"a\\u0000\\\"\\u007f\\u0080\\u00ffz\"");
    json = begin();
    json_latin1(&json, NULL, "", 0);
    check_text("\"\"");
}

TEST(keys_are_escaped)
{
    struct json json = begin();

    json_open(&json, NULL, '{');
    json_number(&json, "a\"\n", 1);
    json_close(&json, '}');
    check_text("{\"a\\\"\\u000a\":1}");
}

/* The examples of RFC 4648, section 10. */
TEST(base64_pads_its_last_four_digits)
{
    static const char *const pairs[][2] = {
        {"", "\"\""},
        {"f", "\"Zg==\""},
        {"fo", "\"Zm8=\""},
        {"foo", "\"Zm9v\""},
        {"foob", "\"Zm9vYg==\""},
        {"fooba", "\"Zm9vYmE=\""},
        {"foobar", "\"Zm9vYmFy\""},
        {"\xff\xfe\xfd\xfb", "\"//79+w==\""},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct json json = begin();

        json_open_base64(&json, NULL);
        json_add_base64(&json, pairs[i][0], strlen(pairs[i][0]));
        json_close_base64(&json);
        check_text(pairs[i][1]);
    }
}

TEST(base64_does_not_depend_on_how_the_bytes_are_cut)
{
    static const char bytes[] = "foobar!";

    for (size_t first = 0; first <= 7; first++) {
        for (size_t second = first; second <= 7; second++) {
            struct json json = begin();

            json_open_base64(&json, NULL);
            json_add_base64(&json, bytes, first);
            json_add_base64(&json, bytes + first, second - first);
            json_add_base64(&json, bytes + second, 7 - second);
            json_close_base64(&json);
            check_text("\"Zm9vYmFyIQ==\"");
        }
    }
}

TEST(a_value_follows_a_base64_value)
{
    struct json json = begin();

    json_open(&json, NULL, '{');
    json_open_base64(&json, "body");
    json_add_base64(&json, "f", 1);
    json_close_base64(&json);
    json_open(&json, "trailers", '[');
    json_close(&json, ']');
    json_open_base64(&json, "next");
    json_close_base64(&json);
    json_close(&json, '}');
    check_text("{\"body\":\"Zg==\",\"trailers\":[],\"next\":\"\"}");
}

TEST(numbers_keep_all_their_digits)
{
    struct json json = begin();

    json_open(&json, NULL, '[');
    json_number(&json, NULL, INT64_MIN);
    json_number(&json, NULL, INT64_MAX);
    json_text(&json, NULL, NULL);
    json_close(&json, ']');
    check_text("[-9223372036854775808,9223372036854775807,null]");
}

TEST(thousandths_are_written_as_decimals)
{
    struct json json = begin();

    json_open(&json, NULL, '[');
    json_thousandths(&json, NULL, 0);
    json_thousandths(&json, NULL, 7);
    json_thousandths(&json, NULL, 1500);
    json_thousandths(&json, NULL, UINT64_MAX);
    json_close(&json, ']');
    check_text("[0.000,0.007,1.500,18446744073709551.615]");
}

int main(void)
{
    suite_begin("json");
    suite_add(commas_are_only_between_values);
    suite_add(quotes_and_control_characters_are_escaped);
    suite_add(text_shows_a_byte_beyond_ascii_as_u_fffd);
    suite_add(latin1_keeps_the_number_of_each_byte);
    suite_add(keys_are_escaped);
    suite_add(base64_pads_its_last_four_digits);
    suite_add(base64_does_not_depend_on_how_the_bytes_are_cut);
    suite_add(a_value_follows_a_base64_value);
    suite_add(numbers_keep_all_their_digits);
    suite_add(thousandths_are_written_as_decimals);
    return suite_end();
}
