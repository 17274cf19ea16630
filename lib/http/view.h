/* view.h: a string as (pointer, length): borrowed bytes.
 * Introduced in phase 9. Needs: nothing.
 *
 * What arrives from the network has no NUL at its end, may hold one in its
 * middle, and lies in a buffer that is not ours. A view names a part of that
 * buffer. It owns nothing, copies nothing, and lives as long as the buffer
 * stays where it is and keeps its bytes. A NUL is a byte like any other. */
#ifndef ONE_RING_VIEW_H
#define ONE_RING_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
    const char *at; /* borrowed; NULL if there is no such string at all */
    size_t len;     /* 0 for an empty string, too: look at the pointer */
};

/* A view of a C string, without its NUL. text stays the caller's. */
static inline struct view view_of(const char *text)
{
    return (struct view){text, strlen(text)};
}

/* "There is no such string", as distinct from "it is empty". */
static inline bool view_is_none(struct view v)
{
    return v.at == NULL;
}

/* Byte for byte; and with A-Z taken for a-z, as HTTP compares the names of
 * fields and most of their words. No locale has a say in it. */
static inline bool view_equal(struct view a, struct view b)
{
    /* memcmp may not be given NULL, not even for nothing. */
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
bool view_equal_nocase(struct view a, struct view b);

/* v without the spaces and tabs at both its ends (HTTP's OWS). */
struct view view_trim(struct view v);

/* Walks a list of elements set off by commas: takes the first one off *list
 * and stores it, trimmed, in *element. An element may be empty: whether that is
 * an error is the caller's grammar. Commas inside quotes are not known here.
 * Returns false, and stores nothing, once the list is used up. Start with a
 * copy of the field's value; afterwards it is (NULL, 0). */
bool view_next_element(struct view *list, struct view *element);

/* Reads 1*DIGIT and nothing else: no sign, no blank, no leading zero but "0"
 * itself, since readers that disagree on 010 have been played off against
 * each other. Returns 0; -EINVAL if v is not such a number; -ERANGE if it is
 * more than max. *value is stored only with 0. */
int view_to_number(struct view v, uint64_t max, uint64_t *value);

/* The value of a hexadecimal digit, 0 to 15, or -EINVAL. */
int view_hex_digit(char c);

#endif
