/* range.c: the part of a file that a Range field requests; see range.h.
 * Introduced in phase 10. Needs: range.h.
 *
 * What it teaches: the numbers come from an untrusted client. A number that
 * does not fit into 64 bits is larger than any file. The code never adds two
 * such numbers: it compares first and last with the size. */
#include "range.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Stores the only range of a list. Returns false if the list has none, or
 * several. */
static bool find_single(struct view list, struct view *single)
{
    struct view element;

    *single = (struct view){NULL, 0};
    while (view_next_element(&list, &element)) {
        if (element.len == 0)
            continue; /* a recipient ignores empty elements (5.6.1.2) */
        if (!view_is_none(*single))
            return false;
        *single = element;
    }
    return !view_is_none(*single);
}

/* Reads a number. A number that is too large becomes UINT64_MAX. Returns false
 * if text is not a number. */
static bool read_number(struct view text, uint64_t *number)
{
    int rc = view_to_number(text, UINT64_MAX, number);

    if (rc == -ERANGE)
        *number = UINT64_MAX;
    return rc != -EINVAL;
}

/* Removes the unit. Returns false if the unit is not "bytes". */
static bool skip_unit(struct view *value)
{
    static const char unit[] = "bytes=";
    const size_t len = sizeof unit - 1;

    if (value->len < len ||
        !view_equal_nocase((struct view){value->at, len}, view_of(unit)))
        return false;
    value->at += len;
    value->len -= len;
    return true;
}

int range_parse(struct view value, uint64_t size, struct range *range)
{
    struct view spec, before, after;
    uint64_t first, last = UINT64_MAX;
    const char *dash;

    *range = (struct range){0, size};
    if (size == 0 || !skip_unit(&value) || !find_single(value, &spec))
        return 200;
    dash = memchr(spec.at, '-', spec.len);
    if (dash == NULL)
        return 200;
    before = (struct view){spec.at, (size_t)(dash - spec.at)};
    after = (struct view){dash + 1, spec.len - before.len - 1};
    if ((before.len == 0 || after.len > 0) && !read_number(after, &last))
        return 200;
    if (before.len == 0) { /* the last bytes of the file */
        first = last < size ? size - last : 0;
        last = UINT64_MAX;
    } else if (!read_number(before, &first) || last < first) {
        return 200;
    }
    if (first >= size)
        return 416;
    if (last >= size)
        last = size - 1;
    *range = (struct range){first, last - first + 1};
    return 206;
}
