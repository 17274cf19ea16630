/* date.h: the dates of HTTP: one form written, three forms read.
 * Introduced in phase 10. Needs: view.h.
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate: written, and read
 *     Sunday, 06-Nov-94 08:49:37 GMT    rfc850-date: obsolete, read only
 *     Sun Nov  6 08:49:37 1994          asctime-date: obsolete, read only
 *
 * A time is a count of seconds since 1970 in UTC, leap seconds not counted,
 * as in struct stat. The calendar is computed here: strftime and strptime
 * follow the process's locale, and HTTP's day names are English everywhere.
 *
 * Nothing here suspends, allocates or fails for want of anything. From RFC
 * 9110, section 5.6.7. */
#ifndef ONE_RING_DATE_H
#define ONE_RING_DATE_H

#include <stdint.h>

#include "view.h"

/* Bytes of an IMF-fixdate, and of the header line that carries one. */
#define DATE_LEN 29
#define DATE_LINE_LEN (6 + DATE_LEN + 2)

/* The times whose year has four digits: 0000-01-01 to 9999-12-31. */
#define DATE_MIN_S (-INT64_C(62167219200))
#define DATE_MAX_S INT64_C(253402300799)

/* Writes time_s as an IMF-fixdate: exactly DATE_LEN bytes, no NUL.
 *
 * Returns DATE_LEN, or -ERANGE (nothing written) for a year that four digits
 * cannot say: the caller leaves the header field out. A file system may well
 * claim such a time. */
int date_format(char out[DATE_LEN], int64_t time_s);

/* Reads a date in any of the three forms, strictly: the exact length, English
 * names in their case, a day that exists in its month and is that day of the
 * week. The second 60 is read where a leap second can be, at 23:59, as the
 * second after 59.
 *
 * now_s decides the century of an rfc850-date: the latest year with these two
 * digits that is not more than 50 years ahead (mean years, of 365.2425 days).
 *
 * Returns 0 and the time in *time_s, or -EINVAL with *time_s as it was. A
 * recipient ignores a condition whose date is invalid (section 13.1.3). */
int date_parse(struct view text, int64_t now_s, int64_t *time_s);

/* The line "Date: ...\r\n" of a moment, kept until the second changes: a busy
 * server writes it once for thousands of heads. A zeroed one is valid; one
 * owner, one thread. */
struct date_cache {
    int64_t time_s;           /* of line; valid if len is not 0 */
    uint8_t len;              /* DATE_LINE_LEN, or 0: no line */
    char line[DATE_LINE_LEN]; /* no NUL */
};

/* The Date line of now_s (the wall clock's seconds, sys_wall_ns).
 *
 * Returns a view into the cache, valid until the next call; empty if the
 * clock is outside of DATE_MIN_S..DATE_MAX_S: a server without a sane clock
 * sends no Date (section 6.6.1). */
struct view date_line(struct date_cache *cache, int64_t now_s);

#endif
