/* view.h: a string as (pointer, length): borrowed bytes.
 * Introduced in phase 9. Needs: nothing.
 *
 * A string from the network has no NUL at its end, may contain NULs, and is in
 * a buffer that other code owns. A view refers to a part of that buffer. It
 * does not own or copy the bytes, and is valid until the buffer moves or
 * changes. NUL is treated like any other byte. */
#ifndef ONE_RING_VIEW_H
#define ONE_RING_VIEW_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
    const char *at; /* borrowed; NULL: no string */
    size_t len;     /* bytes; 0 if the string is empty */
};

/* Returns a view of a C string, without its NUL. Borrows text. */
static inline struct view view_of(const char *text)
{
    return (struct view){text, strlen(text)};
}

/* Returns true if v.at is NULL. For an empty string, returns false. */
static inline bool view_is_none(struct view v)
{
    return v.at == NULL;
}

/* Returns true if a and b have the same bytes. */
static inline bool view_equal(struct view a, struct view b)
{
    /* memcmp does not accept NULL, even with a length of 0. */
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* Returns true if a and b have the same bytes when A-Z is treated as a-z. HTTP
 * compares field names and most keywords in this way. Does not depend on the
 * locale. */
bool view_equal_nocase(struct view a, struct view b);

/* Returns v without leading and trailing spaces and tabs (OWS in HTTP). */
struct view view_trim(struct view v);

/* Removes the first element from a comma-separated list and stores it, trimmed,
 * in *element. An element may be empty; the caller decides whether that is an
 * error. Does not recognise quotes: a comma inside quotes is a separator, too.
 * Pass a copy of the field value, because this changes *list. After the last
 * element *list is (NULL, 0).
 *
 * Returns  true   *element is the next element
 *          false  the list has ended; *element is not changed */
bool view_next_element(struct view *list, struct view *element);

/* Parses one or more decimal digits, without a sign or blanks. Leading zeros do
 * not change the value: 010 is 10. Sets *value only on success.
 *
 * Returns  0        success
 *          -EINVAL  v does not have this form
 *          -ERANGE  the number is above max */
int view_to_number(struct view v, uint64_t max, uint64_t *value);

/* Returns the value of a hexadecimal digit.
 *
 * Returns  0 to 15  the value
 *          -EINVAL  c is not a hexadecimal digit */
static inline int view_hex_digit(char c)
{
    char lower = (char)(c | 0x20);

    if (c >= '0' && c <= '9')
        return c - '0';
    if (lower >= 'a' && lower <= 'f')
        return lower - 'a' + 10;
    return -EINVAL;
}

#endif
