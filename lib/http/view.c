/* view.c: strings as (pointer, length); see view.h.
 * Introduced in phase 9. Needs: view.h. */
#include "view.h"

#include <assert.h>
#include <errno.h>

/* Returns true if a and b are equal, or are the two cases of one letter, which
 * differ in a single bit. Does not use tolower(), which depends on the locale:
 * in a Turkish locale, "TITLE" does not match "title". */
static bool is_same_letter(char a, char b)
{
    char lower = (char)(a | 0x20);

    return a == b || ((a ^ b) == 0x20 && lower >= 'a' && lower <= 'z');
}

bool view_equal_nocase(struct view a, struct view b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (!is_same_letter(a.at[i], b.at[i]))
            return false;
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct view view_trim(struct view v)
{
    while (v.len > 0 && is_blank(v.at[0])) {
        v.at++;
        v.len--;
    }
    while (v.len > 0 && is_blank(v.at[v.len - 1]))
        v.len--;
    return v;
}

bool view_next_element(struct view *list, struct view *element)
{
    size_t len = 0;

    if (view_is_none(*list))
        return false;
    while (len < list->len && list->at[len] != ',')
        len++;
    *element = view_trim((struct view){list->at, len});
    if (len == list->len)
        *list = (struct view){NULL, 0};
    else
        *list = (struct view){list->at + len + 1, list->len - len - 1};
    return true;
}

int view_to_number(struct view v, uint64_t max, uint64_t *value)
{
    uint64_t number = 0;
    bool fits = true;

    if (v.len == 0)
        return -EINVAL;
    for (size_t i = 0; i < v.len; i++) {
        unsigned digit = (unsigned char)v.at[i] - (unsigned)'0';

        if (digit > 9)
            return -EINVAL;
        /* Test whether number * 10 + digit <= max, without overflow. If the
         * number does not fit, the loop continues to check that the other
         * bytes are digits. */
        fits = fits && number <= max / 10 && digit <= max - number * 10;
        if (fits)
            number = number * 10 + digit;
    }
    if (!fits)
        return -ERANGE;
    assert(number <= max);
    *value = number;
    return 0;
}
