/* condition.c: what the conditions of a request decide about a file.
 *
 * Test of lib/condition. Needs: suite.h, http.h, condition.h. */
#include "condition.h"

#include <stdio.h>
#include <string.h>

#include "http.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)

#define NOW_S INT64_C(784111877) /* 100 s after the file's time */
#define TAG "\"1a-2b-3c\""
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define EQUAL "Sun, 06 Nov 1994 08:49:37 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"
#define FUTURE "Sun, 06 Nov 1994 08:51:18 GMT"

static const struct condition_file plain = {
    .tag = {TAG, sizeof TAG - 1},
    .modified_s = 784111777,
    .has_modified = true,
};

static int decide_of(const char *method, const char *fields,
                     const struct condition_file *file, int64_t now_s)
{
    static char text[4096];
    static struct http_request request;
    int len = snprintf(text, sizeof text, "%s /f HTTP/1.1\r\nHost: a\r\n%s\r\n",
                       method, fields);
    bool is_asked;
    int status;

    http_request_init(&request, NULL);
    ck_assert_int_eq(http_parse_request(&request, text, (size_t)len), len);
    is_asked = condition_is_asked(&request.fields);
    status = condition_decide(&request.fields, request.method == HTTP_HEAD,
                              file, now_s);
    ck_assert_msg(is_asked || status == 200, "not asked: %s", fields);
    return status;
}

static void check_with(const struct condition_file *file, const char *fields,
                       int status)
{
    int got = decide_of("GET", fields, file, NOW_S);

    ck_assert_msg(got == status, "%d, not %d, for\n%s", got, status, fields);
    got = decide_of("HEAD", fields, file, NOW_S);
    ck_assert_msg(got == (status == 206 ? 200 : status),
                  "%d to a HEAD, not %d, for\n%s", got, status, fields);
}

static void check_fields(const char *fields, int status)
{
    check_with(&plain, fields, status);
}

TEST(a_request_without_a_condition_gets_the_file)
{
    check_fields("", 200);
    check_fields("Accept: */*\r\nIf: x\r\nIf-Foo-Bar: " TAG "\r\n"
                 "I: x\r\nImportance: high\r\nRoute: x\r\nRange-Foo: x\r\n",
                 200);
}

TEST(if_none_match_finds_the_tag_wherever_it_is)
{
    check_fields("If-None-Match: " TAG "\r\n", 304);
    check_fields("if-none-match: " TAG "\r\n", 304);
    check_fields("If-None-Match: W/" TAG "\r\n", 304);
    check_fields("If-None-Match: \"x\", " TAG "\r\n", 304);
    check_fields("If-None-Match: \"x,y\",W/" TAG ",\"z\"\r\n", 304);
    check_fields("If-None-Match: \"x\"\r\nIf-None-Match: " TAG "\r\n", 304);
    check_fields("If-None-Match: x, " TAG "\r\n", 304);
    check_fields("If-None-Match: *\r\n", 304);
    check_fields("If-None-Match: \"x\"\r\nIf-None-Match: *\r\n", 304);
    check_fields("If-None-Match: \"x\"\r\n", 200);
    check_fields("If-None-Match: 1a-2b-3c\r\n", 200);
    check_fields("If-None-Match: \"x," TAG ",y\"\r\n", 200);
    check_fields("If-None-Match: \"*\"\r\n", 200);
    check_fields("If-None-Match:\r\n", 200);
    check_fields("If-None-Match: w/" TAG "\r\n", 200);
}

TEST(if_match_compares_strongly)
{
    check_fields("If-Match: " TAG "\r\n", 200);
    check_fields("If-Match: *\r\n", 200);
    check_fields("If-Match: \"x\", " TAG "\r\n", 200);
    check_fields("If-Match: \"x\"\r\nIf-Match: " TAG "\r\n", 200);
    check_fields("If-Match: \"x\"\r\n", 412);
    check_fields("If-Match: W/" TAG "\r\n", 412);
    check_fields("If-Match:\r\n", 412);
    check_fields("If-Match: nonsense\r\n", 412);
}

TEST(a_weak_tag_of_the_file_serves_only_if_none_match)
{
    static const struct condition_file weak = {
        .tag = {"W/" TAG, sizeof "W/" TAG - 1},
    };

    check_with(&weak, "If-None-Match: " TAG "\r\n", 304);
    check_with(&weak, "If-None-Match: W/" TAG "\r\n", 304);
    check_with(&weak, "If-Match: W/" TAG "\r\n", 412);
    check_with(&weak, "If-Match: " TAG "\r\n", 412);
    check_with(&weak, "Range: bytes=0-0\r\nIf-Range: W/" TAG "\r\n", 200);
    check_with(&weak, "Range: bytes=0-0\r\nIf-Range: " TAG "\r\n", 200);
}

TEST(if_modified_since_compares_the_seconds)
{
    check_fields("If-Modified-Since: " BEFORE "\r\n", 200);
    check_fields("If-Modified-Since: " EQUAL "\r\n", 304);
    check_fields("If-Modified-Since: " AFTER "\r\n", 304);
    check_fields("If-Modified-Since: " FUTURE "\r\n", 200);
    check_fields("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 304);
    check_fields("If-Modified-Since: Sun Nov  6 08:49:37 1994\r\n", 304);
}

TEST(if_unmodified_since_compares_the_seconds)
{
    check_fields("If-Unmodified-Since: " BEFORE "\r\n", 412);
    check_fields("If-Unmodified-Since: " EQUAL "\r\n", 200);
    check_fields("If-Unmodified-Since: " FUTURE "\r\n", 200);
}

TEST(a_date_that_is_not_valid_is_ignored)
{
    static const char *const dates[] = {
        "yesterday", "", "0", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Mon, 06 Nov 1994 08:49:37 GMT", EQUAL ", " EQUAL, TAG, "*",
    };
    char fields[256];

    for (size_t i = 0; i < countof(dates); i++) {
        snprintf(fields, sizeof fields, "If-Modified-Since: %s\r\n", dates[i]);
        check_fields(fields, 200);
        snprintf(fields, sizeof fields, "If-Unmodified-Since: %s\r\n",
                 dates[i]);
        check_fields(fields, 200);
    }
}

TEST(a_date_in_a_repeated_field_is_ignored)
{
    check_fields("If-Modified-Since: " EQUAL "\r\n"
                 "If-Modified-Since: " EQUAL "\r\n", 200);
    check_fields("If-Unmodified-Since: " BEFORE "\r\n"
                 "If-Unmodified-Since: " BEFORE "\r\n", 200);
}

TEST(a_file_without_a_date_meets_no_date)
{
    static const struct condition_file undated = {
        .tag = {TAG, sizeof TAG - 1},
    };

    check_with(&undated, "If-Modified-Since: " AFTER "\r\n", 200);
    check_with(&undated, "If-Unmodified-Since: " BEFORE "\r\n", 200);
    check_with(&undated, "Range: bytes=0-0\r\n"
                         "If-Range: Thu, 01 Jan 1970 00:00:00 GMT\r\n", 200);
    check_with(&undated, "If-None-Match: " TAG "\r\n", 304);
}

TEST(a_file_without_a_tag_meets_only_the_asterisk)
{
    static const struct condition_file untagged = {
        .modified_s = 784111777,
        .has_modified = true,
    };

    check_with(&untagged, "If-None-Match: \"\"\r\n", 200);
    check_with(&untagged, "If-None-Match: *\r\n", 304);
    check_with(&untagged, "If-Match: \"\"\r\n", 412);
    check_with(&untagged, "If-Match: *\r\n", 200);
    check_with(&untagged, "Range: bytes=0-0\r\nIf-Range: \"\"\r\n", 200);
}

TEST(if_range_allows_a_range_of_the_same_file_only)
{
#define RANGE "Range: bytes=0-0\r\n"
    check_fields(RANGE, 206);
    check_fields(RANGE RANGE, 200);
    check_fields(RANGE "If-Range: " TAG "\r\n", 206);
    check_fields(RANGE "If-Range: " EQUAL "\r\n", 206);
    check_fields("If-Range: " TAG "\r\n", 200);
    check_fields(RANGE "If-Range: W/" TAG "\r\n", 200);
    check_fields(RANGE "If-Range: \"x\"\r\n", 200);
    check_fields(RANGE "If-Range: \"x\", " TAG "\r\n", 200);
    check_fields(RANGE "If-Range: " TAG ", \"x\"\r\n", 200);
    check_fields(RANGE "If-Range: *\r\n", 200);
    check_fields(RANGE "If-Range:\r\n", 200);
    check_fields(RANGE "If-Range: " BEFORE "\r\n", 200);
    check_fields(RANGE "If-Range: " AFTER "\r\n", 200); /* not equal */
    check_fields(RANGE "If-Range: yesterday\r\n", 200);
    check_fields(RANGE "If-Range: " TAG "\r\nIf-Range: " TAG "\r\n", 200);
}

TEST(a_date_of_this_second_is_not_strong)
{
    const char *fields = RANGE "If-Range: " EQUAL "\r\n";

    ck_assert_int_eq(decide_of("GET", fields, &plain, 784111777), 200);
    ck_assert_int_eq(decide_of("GET", fields, &plain, 784111776), 200);
    ck_assert_int_eq(decide_of("GET", fields, &plain, 784111778), 206);
}

/* RFC 9110, section 13.2.2, as a table of all combinations: each of the five
 * conditions is absent, true or false. */
enum state { ABSENT, TRUE, FALSE };

static const char *const lines[5][3] = {
    {"", "If-Match: " TAG "\r\n", "If-Match: \"x\"\r\n"},
    {"", "If-Unmodified-Since: " AFTER "\r\n",
     "If-Unmodified-Since: " BEFORE "\r\n"},
    {"", "If-None-Match: \"x\"\r\n", "If-None-Match: " TAG "\r\n"},
    {"", "If-Modified-Since: " BEFORE "\r\n",
     "If-Modified-Since: " AFTER "\r\n"},
    {"", "If-Range: " TAG "\r\n", "If-Range: \"x\"\r\n"},
};

static int status_by_rfc(const enum state *s, bool has_range)
{
    if ((s[0] != ABSENT ? s[0] : s[1]) == FALSE)
        return 412;
    if ((s[2] != ABSENT ? s[2] : s[3]) == FALSE)
        return 304;
    return has_range && s[4] != FALSE ? 206 : 200;
}

TEST(every_combination_of_conditions_is_decided_in_the_order_of_the_rfc)
{
    for (unsigned i = 0; i < 2 * 3 * 3 * 3 * 3 * 3; i++) {
        char fields[512] = "";
        enum state s[5];
        unsigned rest = i / 2;

        for (unsigned k = 0; k < 5; k++, rest /= 3) {
            s[k] = rest % 3;
            strcat(fields, lines[k][s[k]]);
        }
        if (i % 2 == 1)
            strcat(fields, RANGE);
        check_fields(fields, status_by_rfc(s, i % 2 == 1));
    }
}

int main(void)
{
    suite_begin("condition");
    suite_add(a_request_without_a_condition_gets_the_file);
    suite_add(if_none_match_finds_the_tag_wherever_it_is);
    suite_add(if_match_compares_strongly);
    suite_add(a_weak_tag_of_the_file_serves_only_if_none_match);
    suite_add(if_modified_since_compares_the_seconds);
    suite_add(if_unmodified_since_compares_the_seconds);
    suite_add(a_date_that_is_not_valid_is_ignored);
    suite_add(a_date_in_a_repeated_field_is_ignored);
    suite_add(a_file_without_a_date_meets_no_date);
    suite_add(a_file_without_a_tag_meets_only_the_asterisk);
    suite_add(if_range_allows_a_range_of_the_same_file_only);
    suite_add(a_date_of_this_second_is_not_strong);
    suite_add(
        every_combination_of_conditions_is_decided_in_the_order_of_the_rfc);
    return suite_end();
}
