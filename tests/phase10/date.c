/* date.c: the calendar against the C library's, and the three forms.
 *
 * Test of lib/date. Needs: suite.h, fence.h, random.h, date.h. */
#include "date.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "fence.h"
#include "random.h"
#include "suite.h"

#define countof(array) (sizeof array / sizeof *array)

#define DAY_S 86400
#define NOW_S INT64_C(1767225600) /* 2026-01-01 */

static struct fence input, output;

static const char *const days[] = {"Sunday",    "Monday",   "Tuesday",
                                   "Wednesday", "Thursday", "Friday",
                                   "Saturday"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                     "May", "Jun", "Jul", "Aug",
                                     "Sep", "Oct", "Nov", "Dec"};

enum form { FIXDATE, RFC850, ASCTIME };

/* The date as the C library's calendar has it. */
static void print_date(char *text, size_t size, enum form form, int64_t time_s)
{
    time_t time = (time_t)time_s;
    struct tm tm;
    const char *day, *month;

    gmtime_r(&time, &tm);
    day = days[tm.tm_wday];
    month = months[tm.tm_mon];
    if (form == FIXDATE)
        snprintf(text, size, "%.3s, %02d %s %04d %02d:%02d:%02d GMT", day,
                 tm.tm_mday, month, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                 tm.tm_sec);
    else if (form == RFC850)
        snprintf(text, size, "%s, %02d-%s-%02d %02d:%02d:%02d GMT", day,
                 tm.tm_mday, month, (tm.tm_year + 1900) % 100, tm.tm_hour,
                 tm.tm_min, tm.tm_sec);
    else
        snprintf(text, size, "%.3s %s %2d %02d:%02d:%02d %04d", day, month,
                 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                 tm.tm_year + 1900);
}

/* Writes and reads time_s, and compares with what the C library says. */
static void check_time(int64_t time_s)
{
    char expected[64], *out = fence_buffer(&output, DATE_LEN);
    int64_t parsed = -1;
    int written, read;

    print_date(expected, sizeof expected, FIXDATE, time_s);
    written = date_format(out, time_s);
    read = date_parse((struct view){out, DATE_LEN}, NOW_S, &parsed);
    if (written != DATE_LEN || memcmp(out, expected, DATE_LEN) != 0 ||
        read != 0 || parsed != time_s)
        ck_abort_msg("%jd is %.29s and back %jd (%s), not %s",
                     (intmax_t)time_s, out, (intmax_t)parsed, err_name(read),
                     expected);
}

TEST(every_day_of_four_centuries_agrees_with_the_c_library)
{
    struct random random = random_begin();

    /* 1800 to 2200: all kinds of leap years, and both sides of 1970. */
    for (int64_t day = -62091; day < 84006; day++)
        check_time(day * DAY_S + (int64_t)random_below(&random, DAY_S));
}

TEST(days_of_all_years_agree_with_the_c_library)
{
    struct random random = random_begin();

    for (int64_t time_s = DATE_MIN_S; time_s <= DATE_MAX_S;
         time_s += (int64_t)random_below(&random, 60 * DAY_S))
        check_time(time_s);
}

TEST(every_second_of_a_day_agrees_with_the_c_library)
{
    for (int64_t second = 0; second < DAY_S; second++)
        check_time(NOW_S + second);
}

/* Both sides of each first of January and of March. */
TEST(the_seams_of_all_years_agree_with_the_c_library)
{
    for (int year = 1; year <= 9999; year++) {
        struct tm january = {.tm_year = year - 1900, .tm_mday = 1};
        struct tm march = {.tm_year = year - 1900, .tm_mon = 2, .tm_mday = 1};
        int64_t start = timegm(&january), spring = timegm(&march);

        check_time(start - 1);
        check_time(start);
        check_time(spring - 1);
        check_time(spring);
        check_time(spring - DAY_S);
    }
}

TEST(a_year_beyond_four_digits_is_refused)
{
    static const int64_t times[] = {DATE_MIN_S - 1, DATE_MAX_S + 1, INT64_MIN,
                                    INT64_MAX};
    char out[DATE_LEN] = "untouched";

    check_time(DATE_MIN_S);
    check_time(DATE_MAX_S);
    for (size_t i = 0; i < countof(times); i++)
        check_res(date_format(out, times[i]), -ERANGE);
    ck_assert_str_eq(out, "untouched");
}

struct date_case {
    const char *text;
    int64_t time_s;
};

static const struct date_case good_cases[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
    {"Sun Nov  6 08:49:37 1994", 784111777},
    {"Sun Nov 06 08:49:37 1994", 784111777},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
    {"Thu, 29 Feb 2024 12:00:00 GMT", 1709208000},
    {"Tue, 29 Feb 2000 12:00:00 GMT", 951825600},
    {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
    {"Sat Dec 31 23:59:60 2016", 1483228800},
    {"Sat, 01 Jan 0000 00:00:00 GMT", DATE_MIN_S},
    {"Fri, 31 Dec 9999 23:59:59 GMT", DATE_MAX_S},
};

static const char *const bad_cases[] = {
    "",
    "0",
    "now",
    "784111777",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 GM",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 1994 08:49:37 +00",
    "Sun, 06 Nov 1994 08:49:37 GMT; length=1",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "SUN, 06 NOV 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun,  6 Nov 1994 08:49:37 GMT",
    "Sun 06 Nov 1994 08:49:37 GMT",
    "Sun, 06-Nov-1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06 Nov 01994 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT",
    "Sun, 06 Nov 1994 08.49.37 GMT",
    "Sun, 06 Nov -994 08:49:37 GMT",
    "Sun, +6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 -8:49:37 GMT",
    "Sun, 0x Nov 1994 08:49:37 GMT",
    "Sunday, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-November-94 08:49:37 GMT",
    "Sunday, 6-Nov-94 08:49:37 GMT",
    "Sunday 06-Nov-94 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37",
    "Sun Nov 6 08:49:37 1994",
    "Sun Nov   6 08:49:37 1994",
    "Sun Nov 2  08:49:37 1994", /* the 20th is a Sunday */
    "Sun Nov  6 08:49:37 1994 GMT",
    "Sun Nov  6 08:49:37 94",
    "Sunday Nov  6 08:49:37 1994",
    "Sun Nov  6 08:49:37 1994\n",
    "Mon, 06 Nov 1994 08:49:37 GMT",
    "Monday, 06-Nov-94 08:49:37 GMT",
    "Mon Nov  6 08:49:37 1994",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Wed Nov  0 08:49:37 1994",
    "Thu, 31 Nov 1994 08:49:37 GMT",
    "Wed, 32 Nov 1994 08:49:37 GMT",
    "Sun, 99 Nov 1994 08:49:37 GMT",
    "Wed, 29 Feb 2023 08:49:37 GMT",
    "Wed, 29 Feb 2100 08:49:37 GMT",
    "Mon, 29 Feb 2100 08:49:37 GMT",
    "Fri, 30 Feb 2024 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:60 GMT",
    "Sun, 06 Nov 1994 22:59:60 GMT",
    "Sun, 06 Nov 1994 23:59:61 GMT",
    "Sun, 06 Nov 1994 99:99:99 GMT",
};

TEST(all_three_forms_are_read)
{
    for (size_t i = 0; i < countof(good_cases); i++) {
        const struct date_case *c = &good_cases[i];
        int64_t time_s = -1;

        check_res(date_parse(fence_text(&input, c->text), NOW_S, &time_s), 0);
        ck_assert_msg(time_s == c->time_s, "%s is %jd", c->text,
                      (intmax_t)time_s);
    }
}

TEST(text_that_is_not_a_date_is_refused)
{
    for (size_t i = 0; i < countof(bad_cases); i++) {
        int64_t time_s = 42;
        int result =
            date_parse(fence_text(&input, bad_cases[i]), NOW_S, &time_s);

        ck_assert_msg(result == -EINVAL && time_s == 42, "%s is %jd",
                      bad_cases[i], (intmax_t)time_s);
    }
}

TEST(a_date_cut_anywhere_is_refused)
{
    for (enum form form = FIXDATE; form <= ASCTIME; form++) {
        char text[64];
        int64_t time_s;

        print_date(text, sizeof text, form, NOW_S);
        for (size_t len = 0; len < strlen(text); len++)
            check_res(date_parse(fence_copy(&input, text, len), NOW_S,
                                 &time_s),
                      -EINVAL);
    }
}

/* Whether text, which was read as time_s, is how that time is written; a leap
 * second is the exception, and a day of the month with a 0 in asctime's. */
static bool is_how_to_write(const char *text, enum form form, int64_t time_s)
{
    char expected[64];

    print_date(expected, sizeof expected, form, time_s);
    if (strcmp(text, expected) == 0)
        return true;
    if (strstr(text, "23:59:60") != NULL)
        return time_s % DAY_S == 0;
    return form == ASCTIME && text[8] == '0' && expected[8] == ' ' &&
           memcmp(text, expected, 8) == 0 &&
           strcmp(text + 9, expected + 9) == 0;
}

/* Turns the byte at i into every other: what is still read as a date is one,
 * and the right one. Returns how many were read. */
static int change_byte(char *text, size_t i, enum form form)
{
    char kept = text[i];
    int accepted = 0;

    for (int byte = 1; byte < 256; byte++) {
        int64_t time_s;

        text[i] = (char)byte;
        if (date_parse(fence_text(&input, text), NOW_S, &time_s) < 0)
            continue;
        accepted++;
        if (!is_how_to_write(text, form, time_s))
            ck_abort_msg("%s is %jd", text, (intmax_t)time_s);
    }
    text[i] = kept;
    return accepted;
}

TEST(a_date_with_one_byte_changed_is_another_date_or_none)
{
    int accepted = 0;

    for (enum form form = FIXDATE; form <= ASCTIME; form++) {
        char text[64];

        print_date(text, sizeof text, form, NOW_S - 1);
        for (size_t i = 0; i < strlen(text); i++)
            accepted += change_byte(text, i, form);
    }
    /* Most changes of the time are valid; most changes of the day are not. */
    ck_assert_int_gt(accepted, 3 * 30);
}

TEST(random_times_survive_all_three_forms)
{
    struct random random = random_begin();
    uint64_t rounds = random_option("FUZZ_ROUNDS", 100000);

    for (uint64_t i = 0; i < rounds; i++) {
        enum form form = (enum form)(i % 3);
        /* Within half a century, so that two digits are enough. */
        int64_t range = INT64_C(49) * 365 * DAY_S, parsed = -1;
        int64_t time_s =
            NOW_S - range + (int64_t)random_below(&random, 2 * (uint64_t)range);
        char text[64];

        print_date(text, sizeof text, form, time_s);
        if (date_parse(fence_text(&input, text), NOW_S, &parsed) != 0 ||
            parsed != time_s)
            ck_abort_msg("round %ju: %s is %jd, not %jd", (uintmax_t)i, text,
                         (intmax_t)parsed, (intmax_t)time_s);
    }
}

TEST(random_bytes_are_no_date)
{
    static const char letters[] = "SunMoTedhFriaJbNv, -:0123456789GMT";
    struct random random = random_begin();
    uint64_t rounds = random_option("FUZZ_ROUNDS", 100000);
    char text[40];

    for (uint64_t i = 0; i < rounds; i++) {
        size_t len = random_below(&random, sizeof text);
        int64_t time_s;

        for (size_t j = 0; j < len; j++)
            text[j] = letters[random_below(&random, sizeof letters - 1)];
        if (date_parse(fence_copy(&input, text, len), NOW_S, &time_s) == 0)
            ck_abort_msg("round %ju: %.*s is a date", (uintmax_t)i, (int)len,
                         text);
    }
}

struct century_case {
    int now_year;
    int two_digits;
    int year;
};

static const struct century_case century_cases[] = {
    {2026, 94, 1994}, {2026, 26, 2026}, {2026, 27, 2027}, {2026, 75, 2075},
    {2026, 77, 1977}, {2026, 0, 2000},  {2026, 99, 1999}, {1999, 0, 2000},
    {1999, 99, 1999}, {1999, 48, 2048}, {1999, 50, 1950}, {2000, 0, 2000},
    {2000, 49, 2049}, {2000, 51, 1951}, {2099, 0, 2100},  {2099, 98, 2098},
};

/* At noon of the first of January, seen from the same. */
TEST(a_two_digit_year_is_at_most_fifty_years_ahead)
{
    for (size_t i = 0; i < countof(century_cases); i++) {
        const struct century_case *c = &century_cases[i];
        struct tm now = {.tm_year = c->now_year - 1900, .tm_mday = 1};
        struct tm then = {.tm_year = c->year - 1900, .tm_mday = 1};
        int64_t time_s = -1, expected = timegm(&then);
        char text[64];

        ck_assert_int_eq(c->year % 100, c->two_digits);
        print_date(text, sizeof text, RFC850, expected);
        check_res(date_parse(view_of(text), timegm(&now), &time_s), 0);
        ck_assert_msg(time_s == expected, "%s in %d is %jd", text, c->now_year,
                      (intmax_t)time_s);
    }
}

TEST(fifty_years_are_counted_to_the_second)
{
    const int64_t years_50_s = INT64_C(50) * 31556952;
    char text[64];
    int64_t time_s = -1;

    print_date(text, sizeof text, RFC850, NOW_S + years_50_s);
    check_res(date_parse(view_of(text), NOW_S, &time_s), 0);
    check(time_s == NOW_S + years_50_s);
    /* A second more: a hundred years earlier, which was another weekday. */
    print_date(text, sizeof text, RFC850, NOW_S + years_50_s + 1);
    check_res(date_parse(view_of(text), NOW_S, &time_s), -EINVAL);
}

TEST(an_absurd_clock_does_no_harm)
{
    static const int64_t clocks[] = {INT64_MIN,  DATE_MIN_S, 0,
                                     DATE_MAX_S, INT64_MAX};
    int64_t time_s = 0;
    int results = 0;

    for (size_t i = 0; i < countof(clocks); i++) {
        for (int year = 0; year < 100; year++) {
            char text[64];

            snprintf(text, sizeof text, "Sunday, 06-Nov-%02d 08:49:37 GMT",
                     year);
            if (date_parse(view_of(text), clocks[i], &time_s) < 0)
                continue;
            results++;
            check(time_s >= DATE_MIN_S && time_s <= DATE_MAX_S);
        }
    }
    ck_assert_int_gt(results, 0);
}

TEST(a_date_line_is_written_once_a_second)
{
    struct date_cache cache = {0};
    struct view line = date_line(&cache, 784111777);

    check(view_equal(line, view_of("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")));
    cache.line[0] = '#'; /* shows whether it is written again */
    line = date_line(&cache, 784111777);
    ck_assert_int_eq(line.at[0], '#');
    line = date_line(&cache, 784111778);
    check(view_equal(line, view_of("Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n")));
    line = date_line(&cache, 784111777); /* clocks are set back, too */
    check(view_equal(line, view_of("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")));
}

TEST(a_date_line_of_second_zero_is_written)
{
    struct date_cache cache = {0};
    struct view line = date_line(&cache, 0);

    check(view_equal(line, view_of("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n")));
}

TEST(a_clock_without_a_date_has_no_line)
{
    struct date_cache cache = {0};

    ck_assert_uint_eq(date_line(&cache, INT64_MAX).len, 0);
    ck_assert_uint_eq(date_line(&cache, 0).len, DATE_LINE_LEN);
    ck_assert_uint_eq(date_line(&cache, INT64_MIN).len, 0);
    ck_assert_uint_eq(date_line(&cache, INT64_MIN).len, 0);
}

int main(void)
{
    suite_begin("date");
    suite_add(every_day_of_four_centuries_agrees_with_the_c_library);
    suite_add(days_of_all_years_agree_with_the_c_library);
    suite_add(every_second_of_a_day_agrees_with_the_c_library);
    suite_add(the_seams_of_all_years_agree_with_the_c_library);
    suite_add(a_year_beyond_four_digits_is_refused);
    suite_add(all_three_forms_are_read);
    suite_add(text_that_is_not_a_date_is_refused);
    suite_add(a_date_cut_anywhere_is_refused);
    suite_add(a_date_with_one_byte_changed_is_another_date_or_none);
    suite_add(random_times_survive_all_three_forms);
    suite_add(random_bytes_are_no_date);
    suite_add(a_two_digit_year_is_at_most_fifty_years_ahead);
    suite_add(fifty_years_are_counted_to_the_second);
    suite_add(an_absurd_clock_does_no_harm);
    suite_add(a_date_line_is_written_once_a_second);
    suite_add(a_date_line_of_second_zero_is_written);
    suite_add(a_clock_without_a_date_has_no_line);
    return suite_end();
}
