/* cases.h: what the parser must make of what: the corpus of phase 9.
 *
 * Test support of phase 9. Needs: replay.h.
 *
 * A case is a stream and the text that replay makes of it. In the stream, AT
 * stands in front of the byte that must be refused and is taken out before the
 * replay; its place is put behind the "@" in the last line of the expectation.
 * Behind "incomplete head @" comes the length of the stream. The row is that of
 * the catalogue of failures which the case belongs to (H-01 to H-20). */
#ifndef TESTS_PHASE9_CASES_H
#define TESTS_PHASE9_CASES_H

#include <stddef.h>

#define AT "\2"

struct http_case {
    const char *row;
    const char *name;
    const char *input;
    size_t len;
    const char *expected;
};

#define CASE(row, name, input, expected)                                       \
    {                                                                          \
        row, name, input, sizeof(input) - 1, expected                          \
    }

/* One table for each part of the grammar; each ends with a row of NULL. */
extern const struct http_case cases_line[];
extern const struct http_case cases_target[];
extern const struct http_case cases_fields[];
extern const struct http_case cases_framing[];
extern const struct http_case cases_chunked[];
extern const struct http_case cases_streams[];
extern const struct http_case cases_limits[];

/* A case made ready: without its AT, and with the place in the expectation. */
struct loaded_case {
    const struct http_case *origin;
    char input[36000];
    size_t len;
    char expected[36000];
};

/* The cases of cases_limits are longer than this. Do not try each of them in
 * every way that is quadratic in its length. */
enum { CASE_SHORT_MAX = 2000 };

/* How many cases there are, and the i-th of them. The latter is valid until the
 * next call. */
size_t cases_count(void);
const struct loaded_case *cases_load(size_t i);

#endif
