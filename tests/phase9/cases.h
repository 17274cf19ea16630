/* cases.h: the corpus of phase 9: streams, each with its verdict.
 *
 * Test support of phase 9. Needs: replay.h.
 *
 * A case is a stream and the text that replay makes of it. In the stream, AT
 * marks the byte that must be refused. cases_load removes AT, and writes the
 * position of that byte behind the "@" in the last line of the expected text.
 * Behind "incomplete head @" it writes the length of the stream. A row is a
 * kind of failure (H-01 to H-20); corpus.c has the number of cases for each. */
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

/* A case without AT, and with the position in the expected text. */
struct loaded_case {
    const struct http_case *origin;
    char input[36000];
    size_t len;
    char expected[36000];
};

/* The cases of cases_limits are longer than this. Do not try each of them in
 * every way that is quadratic in its length. */
enum { CASE_SHORT_MAX = 2000 };

/* Returns the number of cases. */
size_t cases_count(void);

/* Returns the i-th case. It is valid until the next call. */
const struct loaded_case *cases_load(size_t i);

#endif
