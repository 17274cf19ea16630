/* date.c: the calendar, and the three date formats; see date.h.
 * Introduced in phase 10. Needs: date.h.
 *
 * What it teaches: calendar arithmetic without a table of years. A year begins
 * on March 1 here. So the leap day is the last day of the year, and the other
 * months always have the same lengths. A day number can be divided into
 * periods: 400 years have 146,097 days, 100 years have 36,524, 4 years have
 * 1,461, and one year has 365. If a period is one day longer than the sum of
 * its parts, the extra day is the leap day at its end. Counting starts 400
 * years before year 0, so that no number is negative. */
#include "date.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define DAY_S 86400
#define DAYS_400 146097
#define DAYS_100 36524
#define DAYS_4 1461
#define DAYS_1 365

#define BASE_YEAR (-400)  /* the base is March 1 of this year */
#define EPOCH_DAYS 865565 /* from the base to 1970-01-01 */
#define BASE_WEEKDAY 3    /* the base is a Wednesday */

/* Fifty mean Gregorian years, to find the century of a two-digit year. */
#define YEARS_50_S (INT64_C(50) * 31556952)

struct date {
    int year;    /* 0..9999 */
    int month;   /* 0..11, from January */
    int day;     /* 1..31 */
    int weekday; /* 0..6, from Sunday */
    int hour, minute, second;
};

/* The short names are the first three letters. */
static const char *const weekday_names[7] = {
    "Sunday",   "Monday", "Tuesday",  "Wednesday",
    "Thursday", "Friday", "Saturday",
};
static const char *const month_names[12] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December",
};
#define SHORT_NAME 3

/* Returns the number of days from March 1 to the first day of a month; 0 is
 * March. From March on, months have 31, 30, 31, 30 and 31 days, and then the
 * pattern repeats. The division distributes the 153 days of five months in this
 * way. */
static int days_before_month(int month)
{
    return (month * 153 + 2) / 5;
}

static int min(int a, int b)
{
    return a < b ? a : b;
}

/* Sets the date for a day number, counted from the base. Limits the counts of
 * centuries and of single years to 3, because on the leap day at the end of 400
 * or 4 years the division gives 4. */
static void date_from_days(struct date *date, int days)
{
    int rest = days % DAYS_400, year = BASE_YEAR + days / DAYS_400 * 400;
    int count = min(rest / DAYS_100, 3), month;

    year += count * 100;
    rest -= count * DAYS_100;
    year += rest / DAYS_4 * 4;
    rest %= DAYS_4;
    count = min(rest / DAYS_1, 3);
    year += count;
    rest -= count * DAYS_1;

    month = (rest * 5 + 2) / 153;
    date->day = rest - days_before_month(month) + 1;
    /* January and February are last, and belong to the next calendar year. */
    date->year = month >= 10 ? year + 1 : year;
    date->month = (month + 2) % 12;
    date->weekday = (days + BASE_WEEKDAY) % 7;
}

/* Returns the day number of a date, counted from the base. If the month does
 * not have that day, the result is a day of the next month. */
static int days_from_date(const struct date *date)
{
    int month = (date->month + 10) % 12;
    int year = date->year - BASE_YEAR - (month >= 10 ? 1 : 0);

    assert(year >= 0);
    return year * DAYS_1 + year / 4 - year / 100 + year / 400 +
           days_before_month(month) + date->day - 1;
}

static int64_t seconds_from_date(const struct date *date)
{
    int64_t days = days_from_date(date) - EPOCH_DAYS;

    return days * DAY_S + date->hour * 3600 + date->minute * 60 + date->second;
}

/* Sets the date for time_s, which must be in DATE_MIN_S..DATE_MAX_S. */
static void date_from_seconds(struct date *date, int64_t time_s)
{
    int64_t since = time_s + (int64_t)EPOCH_DAYS * DAY_S;
    int second = (int)(since % DAY_S);

    assert(since >= 0);
    date_from_days(date, (int)(since / DAY_S));
    date->hour = second / 3600;
    date->minute = second / 60 % 60;
    date->second = second % 60;
}

static void put_two_digits(char *out, int number)
{
    out[0] = (char)('0' + number / 10);
    out[1] = (char)('0' + number % 10);
}

int date_format(char out[DATE_LEN], int64_t time_s)
{
    struct date date;

    if (time_s < DATE_MIN_S || time_s > DATE_MAX_S)
        return -ERANGE;
    date_from_seconds(&date, time_s);
    memcpy(out, "DDD, 00 MMM 0000 00:00:00 GMT", DATE_LEN);
    memcpy(out, weekday_names[date.weekday], SHORT_NAME);
    put_two_digits(out + 5, date.day);
    memcpy(out + 8, month_names[date.month], SHORT_NAME);
    put_two_digits(out + 12, date.year / 100);
    put_two_digits(out + 14, date.year % 100);
    put_two_digits(out + 17, date.hour);
    put_two_digits(out + 20, date.minute);
    put_two_digits(out + 23, date.second);
    return DATE_LEN;
}

/* Removes one of count names from the start of text. If len is not 0, only the
 * first len bytes of the name must match. */
static bool take_name(struct view *text, const char *const *names, int count,
                      size_t len, int *out)
{
    for (int i = 0; i < count; i++) {
        size_t n = len > 0 ? len : strlen(names[i]);

        if (text->len >= n && memcmp(text->at, names[i], n) == 0) {
            text->at += n;
            text->len -= n;
            *out = i;
            return true;
        }
    }
    return false;
}

/* Removes a number of exactly count digits from the start of text. The first
 * character may be `fill` instead of a zero. */
static bool take_digits(struct view *text, size_t count, char fill, int *out)
{
    int number = 0;

    if (text->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char c = text->at[i];

        if (i == 0 && c == fill)
            c = '0';
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (c - '0');
    }
    text->at += count;
    text->len -= count;
    *out = number;
    return true;
}

static bool take_field(struct view *text, char field, struct date *date)
{
    switch (field) {
    case 'a':
        return take_name(text, weekday_names, 7, SHORT_NAME, &date->weekday);
    case 'A':
        return take_name(text, weekday_names, 7, 0, &date->weekday);
    case 'b':
        return take_name(text, month_names, 12, SHORT_NAME, &date->month);
    case 'd':
        return take_digits(text, 2, '0', &date->day);
    case 'e':
        return take_digits(text, 2, ' ', &date->day);
    case 'y':
        return take_digits(text, 2, '0', &date->year);
    case 'Y':
        return take_digits(text, 4, '0', &date->year);
    case 'H':
        return take_digits(text, 2, '0', &date->hour);
    case 'M':
        return take_digits(text, 2, '0', &date->minute);
    default:
        assert(field == 'S');
        return take_digits(text, 2, '0', &date->second);
    }
}

/* Returns true if the whole text matches form, in which "%" and a letter stand
 * for a field. */
static bool matches(struct view text, const char *form, struct date *date)
{
    for (; *form != '\0'; form++) {
        if (*form == '%') {
            if (!take_field(&text, *++form, date))
                return false;
        } else {
            if (text.len == 0 || *text.at != *form)
                return false;
            text.at++;
            text.len--;
        }
    }
    return text.len == 0;
}

/* Returns true if the date exists. To check the day, converts the date to a day
 * number and back: February 30, for example, becomes a day of March. */
static bool is_valid(const struct date *date)
{
    bool leap_second = date->second == 60 && date->hour == 23 &&
                       date->minute == 59;
    struct date same;

    if (date->year < 0 || date->year > 9999)
        return false;
    date_from_days(&same, days_from_date(date));
    return same.day == date->day && same.weekday == date->weekday &&
           date->hour < 24 && date->minute < 60 &&
           (date->second < 60 || leap_second);
}

int date_parse(struct view text, int64_t now_s, int64_t *time_s)
{
    struct date date, now;

    if (matches(text, "%A, %d-%b-%y %H:%M:%S GMT", &date)) {
        /* The century is the latest one in which the date is at most 50 years
         * after now (RFC 9110 5.6.7). */
        now_s = now_s < DATE_MIN_S ? DATE_MIN_S : now_s;
        now_s = now_s > DATE_MAX_S ? DATE_MAX_S : now_s;
        date_from_seconds(&now, now_s);
        date.year += now.year / 100 * 100 + 100;
        while (date.year > 0 && seconds_from_date(&date) > now_s + YEARS_50_S)
            date.year -= 100;
    } else if (!matches(text, "%a, %d %b %Y %H:%M:%S GMT", &date) &&
             !matches(text, "%a %b %e %H:%M:%S %Y", &date)) {
        return -EINVAL;
    }
    if (!is_valid(&date))
        return -EINVAL;
    *time_s = seconds_from_date(&date);
    return 0;
}

struct view date_line(struct date_cache *cache, int64_t now_s)
{
    if (cache->len == 0 || cache->time_s != now_s) {
        memcpy(cache->line, "Date: ", 6);
        memcpy(cache->line + 6 + DATE_LEN, "\r\n", 2);
        cache->time_s = now_s;
        cache->len =
            date_format(cache->line + 6, now_s) < 0 ? 0 : DATE_LINE_LEN;
    }
    return (struct view){cache->line, cache->len};
}
