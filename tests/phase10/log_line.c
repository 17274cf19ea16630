/* log_line.c: lines of an access log: the fields of each format, and that no
 * byte of a client can end a line or a field. */
#include "log_line.h"

#include <stdlib.h>
#include <string.h>

#include "fence.h"
#include "suite.h"

#define NOW_S 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

static struct fence output;
static char text[LOG_LINE_MAX + 1]; /* the last line, with a NUL */

/* Writes in front of a page that cannot be written. */
static int write_line(enum log_format format, const struct log_entry *entry)
{
    char *line = fence_buffer(&output, LOG_LINE_MAX);
    int len = log_line_write(line, format, entry);

    ck_assert_int_gt(len, 0);
    ck_assert_int_le(len, (int)LOG_LINE_MAX);
    ck_assert_int_eq(line[len - 1], '\n');
    memcpy(text, line, (size_t)len);
    text[len] = '\0';
    return len;
}

static struct log_entry an_entry(void)
{
    return (struct log_entry){
        .time_s = NOW_S,
        .remote = view_of("127.0.0.1"),
        .method = view_of("GET"),
        .target = view_of("/a?b"),
        .minor = 1,
        .status = 200,
        .sent = 1234,
        .spent_us = 12345678,
        .referer = view_of("http://a/"),
        .agent = view_of("curl/8"),
    };
}

TEST(the_combined_format_has_every_field)
{
    struct log_entry entry = an_entry();

    write_line(LOG_COMBINED, &entry);
    ck_assert_str_eq(text, "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "
                           "\"GET /a?b HTTP/1.1\" 200 1234 \"http://a/\" "
                           "\"curl/8\" 12.345\n");
}

TEST(the_json_format_has_every_field)
{
    struct log_entry entry = an_entry();

    write_line(LOG_JSON, &entry);
    ck_assert_str_eq(text, "{\"time\":\"1994-11-06T08:49:37Z\","
                           "\"remote\":\"127.0.0.1\",\"method\":\"GET\","
                           "\"target\":\"/a?b\",\"version\":\"1.1\","
                           "\"status\":200,\"bytes\":1234,\"seconds\":12.345,"
                           "\"referer\":\"http://a/\",\"agent\":\"curl/8\"}\n");
}

TEST(fields_that_a_request_lacks_are_marked)
{
    struct log_entry entry = {.time_s = 0, .status = 408};

    write_line(LOG_COMBINED, &entry);
    ck_assert_str_eq(text, "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 408 0 "
                           "\"-\" \"-\" 0.000\n");
    write_line(LOG_JSON, &entry);
    ck_assert_str_eq(text, "{\"time\":\"1970-01-01T00:00:00Z\","
                           "\"remote\":\"-\",\"method\":null,\"target\":null,"
                           "\"version\":\"1.0\",\"status\":408,\"bytes\":0,"
                           "\"seconds\":0.000,\"referer\":null,"
                           "\"agent\":null}\n");
}

TEST(a_clock_that_is_not_set_does_not_fail)
{
    struct log_entry entry = {.time_s = INT64_MAX, .status = 200};

    write_line(LOG_COMBINED, &entry);
    ck_assert_ptr_nonnull(strstr(text, "[01/Jan/1970:00:00:00 +0000]"));
}

TEST(controls_quotes_and_high_bytes_are_escaped)
{
    static const char bad[] = "a\n\r\x1b[2J\"\\\x7f\x80\xff b\0c";
    struct log_entry entry = an_entry();

    entry.agent = (struct view){bad, sizeof bad - 1};
    write_line(LOG_COMBINED, &entry);
    ck_assert_ptr_nonnull(strstr(text, " \"a\\x0a\\x0d\\x1b[2J\\x22\\x5c"
                                       "\\x7f\\x80\\xff b\\x00c\" "));
    write_line(LOG_JSON, &entry);
    ck_assert_ptr_nonnull(strstr(text, ":\"a\\u000a\\u000d\\u001b[2J\\\"\\\\"
                                       "\\u007f\\u0080\\u00ff b\\u0000c\"}"));
}

/* Whatever the client sent, each line is one line of visible characters, with
 * as many quotes as a line of a tame client. */
TEST(no_byte_of_a_client_forges_a_line_or_a_field)
{
    static char every[256];
    struct log_entry entry = an_entry();

    for (int i = 0; i < 256; i++)
        every[i] = (char)i;
    entry.method = entry.target = entry.referer = entry.agent =
        (struct view){every, sizeof every};
    for (enum log_format f = LOG_COMBINED; f <= LOG_JSON; f++) {
        int len = write_line(f, &entry), quotes = 0;

        for (int i = 0; i < len - 1; i++) {
            ck_assert_msg(text[i] >= ' ' && text[i] < 127, "byte %d of '%s'",
                          i, text);
            quotes += text[i] == '"' && (i == 0 || text[i - 1] != '\\');
        }
        ck_assert_int_eq(quotes, f == LOG_COMBINED ? 6 : 34);
    }
}

TEST(the_longest_fields_fit_and_are_marked_as_cut)
{
    static char bytes[70000];
    struct log_entry entry = an_entry();

    for (int c = 1; c < 256; c += 31) {
        memset(bytes, c, sizeof bytes);
        entry.method = entry.target = entry.referer = entry.agent =
            entry.remote = (struct view){bytes, sizeof bytes};
        entry.sent = entry.spent_us = UINT64_MAX;
        for (enum log_format f = LOG_COMBINED; f <= LOG_JSON; f++) {
            write_line(f, &entry);
            ck_assert_ptr_nonnull(strstr(text, "...\""));
        }
    }
}

int main(void)
{
    suite_begin("log_line");
    suite_add(the_combined_format_has_every_field);
    suite_add(the_json_format_has_every_field);
    suite_add(fields_that_a_request_lacks_are_marked);
    suite_add(a_clock_that_is_not_set_does_not_fail);
    suite_add(controls_quotes_and_high_bytes_are_escaped);
    suite_add(no_byte_of_a_client_forges_a_line_or_a_field);
    suite_add(the_longest_fields_fit_and_are_marked_as_cut);
    return suite_end();
}
