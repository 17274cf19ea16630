/* cases.c: finds and prepares the cases; see cases.h.
 *
 * Test support of phase 9. Needs: cases.h. */
#include "cases.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct http_case *const tables[] = {
    cases_line,    cases_target,  cases_fields,
    cases_framing, cases_chunked, cases_streams, cases_limits,
};

/* The cases of all tables, once cases_count has found them. */
static const struct http_case *all[1024];

size_t cases_count(void)
{
    static size_t count;

    if (count > 0)
        return count;
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct http_case *c = tables[t]; c->name != NULL; c++) {
            assert(count < sizeof all / sizeof all[0]);
            all[count++] = c;
        }
    }
    return count;
}

/* Returns the "@" in the last line of expected, behind which the position is
 * missing, or NULL if that line has no error. */
static const char *find_position(const char *expected)
{
    const char *line = strrchr(expected, '\n');

    line = line != NULL ? line + 1 : expected;
    if (strncmp(line, "incomplete ", 11) == 0 ||
        (*line >= '0' && *line <= '9')) /* a status */
        return strchr(line, '@');
    return NULL;
}

const struct loaded_case *cases_load(size_t i)
{
    static struct loaded_case loaded;
    const struct http_case *c = i < cases_count() ? all[i] : NULL;
    const char *at, *place;
    size_t offset;

    assert(c != NULL && c->len < sizeof loaded.input);
    loaded.origin = c;
    loaded.len = offset = c->len;
    memcpy(loaded.input, c->input, c->len);
    at = memchr(c->input, AT[0], c->len);
    if (at != NULL) {
        offset = (size_t)(at - c->input);
        loaded.len--;
        memcpy(loaded.input + offset, at + 1, c->len - offset - 1);
    }
    place = find_position(c->expected);
    assert(place != NULL || at == NULL);
    if (place == NULL)
        place = c->expected + strlen(c->expected);
    snprintf(loaded.expected, sizeof loaded.expected, "%.*s",
             (int)(place - c->expected), c->expected);
    if (*place != '\0')
        snprintf(loaded.expected + (place - c->expected),
                 sizeof loaded.expected - (size_t)(place - c->expected),
                 "@%zu%s", offset, place + 1);
    return &loaded;
}
