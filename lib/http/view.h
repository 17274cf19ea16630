/* view.h: a string as (pointer, length): borrowed bytes.
 * Introduced in phase 9. Needs: nothing.
 *
 * A string from the network has no NUL at its end, may have one in its middle,
 * and is in a buffer of another owner. A view names a part of that buffer. It
 * owns and copies nothing, and is valid while the buffer neither moves nor
 * changes. A NUL is a byte like any other. */
#ifndef ONE_RING_VIEW_H
#define ONE_RING_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
    const char *at; /* borrowed; NULL if there is no such string */
    size_t len;     /* bytes; 0 for an empty string, too */
};

/* Returns a view of a C string, without its NUL. Borrows text. */
static inline struct view view_of(const char *text)
{
    return (struct view){text, strlen(text)};
}

/* True if there is no such string; false if it is empty. */
static inline bool view_is_none(struct view v)
{
    return v.at == NULL;
}

/* True if both have the same bytes. */
static inline bool view_equal(struct view a, struct view b)
{
    /* memcmp does not accept NULL, even with a length of 0. */
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* True if both have the same bytes, with A-Z equal to a-z, as HTTP compares the
 * names of fields and most of their words. Independent of the locale. */
bool view_equal_nocase(struct view a, struct view b);

/* Returns v without the spaces and tabs at its ends (HTTP's OWS). */
struct view view_trim(struct view v);

/* Removes the first element from a list with commas, and stores it, trimmed, in
 * *element. An element may be empty: the caller decides if that is an error.
 * Does not recognise quotes: a comma inside them separates, too. Start with a
 * copy of the field's value, which is (NULL, 0) at the end.
 *
 * Returns  true   *element is the next element
 *          false  the list has ended; *element is not changed */
bool view_next_element(struct view *list, struct view *element);

/* Reads 1*DIGIT only: no sign, no blank, no leading zero except in "0". Readers
 * disagree on 010, and attackers have used that. Stores *value on success only.
 *
 * Returns  0        success
 *          -EINVAL  v is not such a number
 *          -ERANGE  the number is above max */
int view_to_number(struct view v, uint64_t max, uint64_t *value);

/* Returns the value of a hexadecimal digit.
 *
 * Returns  0 to 15  the value
 *          -EINVAL  c is not a hexadecimal digit */
int view_hex_digit(char c);

#endif
