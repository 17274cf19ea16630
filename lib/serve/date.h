/* date.h: HTTP dates: writes one format, and reads three.
 * Introduced in phase 10. Needs: view.h.
 *
 *     Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate: written and read
 *     Sunday, 06-Nov-94 08:49:37 GMT    rfc850-date: obsolete, read only
 *     Sun Nov  6 08:49:37 1994          asctime-date: obsolete, read only
 *
 * A time is a number of seconds since 1970 in UTC without leap seconds, as in
 * struct stat. date.c does not use strftime and strptime: they depend on the
 * locale of the process, and day names in HTTP are always English.
 *
 * No function here suspends or allocates. Source: RFC 9110, section 5.6.7. */
#ifndef ONE_RING_DATE_H
#define ONE_RING_DATE_H

#include <stdint.h>

#include "view.h"

/* The length of an IMF-fixdate, and of a header line with one. */
#define DATE_LEN 29
#define DATE_LINE_LEN (6 + DATE_LEN + 2)

/* The first second of the year 0000 and the last second of the year 9999. An
 * HTTP date has a year of four digits. */
#define DATE_MIN_S (-INT64_C(62167219200))
#define DATE_MAX_S INT64_C(253402300799)

/* Writes time_s as an IMF-fixdate: exactly DATE_LEN bytes, no NUL. The time of
 * a file can be out of range. In this case, leave out the header field.
 *
 * Returns  DATE_LEN  success
 *          -ERANGE   the year does not have four digits; out is not changed */
int date_format(char out[DATE_LEN], int64_t time_s);

/* Parses a date in any of the three formats. The length must be exact, names
 * must be English with correct case, the day must exist in its month, and the
 * day of the week must be right. A second of 60 is accepted at 23:59, where a
 * leap second can occur, and means the second after 23:59:59.
 *
 * now_s determines the century of an rfc850-date: the latest century in which
 * the date is at most 50 years after now_s (mean years of 365.2425 days).
 *
 * Returns  0        success
 *          -EINVAL  text is not a date, and *time_s is not changed; ignore the
 *                   conditional field that has this text (section 13.1.3) */
int date_parse(struct view text, int64_t now_s, int64_t *time_s);

/* The "Date: ...\r\n" line of one second. A busy server formats it once for
 * thousands of responses. A zeroed cache is valid. Each thread needs a separate
 * cache. */
struct date_cache {
    int64_t time_s;           /* the time in line; valid if len > 0 */
    uint8_t len;              /* DATE_LINE_LEN, or 0: no line */
    char line[DATE_LINE_LEN]; /* no NUL */
};

/* Returns the Date line for now_s, the seconds of the wall clock (sys_wall_ns).
 * The view points into the cache and is valid until the next call. It is empty
 * if now_s is outside DATE_MIN_S..DATE_MAX_S, because a server without a usable
 * clock must not send Date (section 6.6.1). */
struct view date_line(struct date_cache *cache, int64_t now_s);

#endif
