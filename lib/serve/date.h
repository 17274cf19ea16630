/* date.h: the dates of HTTP: writes one form, reads three.
 * Introduced in phase 10. Needs: view.h.
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate: written, and read
 *     Sunday, 06-Nov-94 08:49:37 GMT    rfc850-date: obsolete, read only
 *     Sun Nov  6 08:49:37 1994          asctime-date: obsolete, read only
 *
 * A time is a count of seconds since 1970 in UTC without leap seconds, as in
 * struct stat. date.c computes the calendar: strftime and strptime depend on
 * the process's locale, and HTTP's day names are always English.
 *
 * No function here suspends or allocates. From RFC 9110, section 5.6.7. */
#ifndef ONE_RING_DATE_H
#define ONE_RING_DATE_H

#include <stdint.h>

#include "view.h"

/* Bytes of an IMF-fixdate, and of a header line with one. */
#define DATE_LEN 29
#define DATE_LINE_LEN (6 + DATE_LEN + 2)

/* The times whose year has four digits: 0000-01-01 to 9999-12-31. */
#define DATE_MIN_S (-INT64_C(62167219200))
#define DATE_MAX_S INT64_C(253402300799)

/* Writes time_s as an IMF-fixdate: exactly DATE_LEN bytes, no NUL. A file
 * system can have times for which this fails: then leave out the header field.
 *
 * Returns  DATE_LEN  success
 *          -ERANGE   the year does not have four digits; out is not changed */
int date_format(char out[DATE_LEN], int64_t time_s);

/* Reads a date in any of the three forms, strictly: the exact length, English
 * names with correct case, a day that exists in its month, and its day of the
 * week. At 23:59, where a leap second can be, the second 60 is accepted as the
 * second after 59.
 *
 * now_s decides the century of an rfc850-date: it becomes the latest year with
 * these two digits that is at most 50 years ahead (mean years, of 365.2425
 * days).
 *
 * Returns  0        success
 *          -EINVAL  not a date; *time_s is not changed. A recipient ignores a
 *                   condition whose date is invalid (section 13.1.3) */
int date_parse(struct view text, int64_t now_s, int64_t *time_s);

/* The line "Date: ...\r\n" of one second: a busy server formats it once for
 * thousands of heads. A zeroed cache is valid. It belongs to one thread. */
struct date_cache {
    int64_t time_s;           /* of line; valid if len is not 0 */
    uint8_t len;              /* DATE_LINE_LEN, or 0: no line */
    char line[DATE_LINE_LEN]; /* no NUL */
};

/* Returns the Date line of now_s, the wall clock's seconds (sys_wall_ns): a
 * view into the cache, valid until the next call. The view is empty if now_s is
 * not in DATE_MIN_S..DATE_MAX_S: a server without a usable clock sends no Date
 * (section 6.6.1). */
struct view date_line(struct date_cache *cache, int64_t now_s);

#endif
