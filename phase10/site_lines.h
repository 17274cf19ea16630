/* site_lines.h: the header lines that a site adds to its answers.
 *
 * What it teaches: format text once if it is the same in every answer. The
 * options --header, --cache-control and --cors become complete lines at the
 * start of the program. An answer copies them with one memcpy.
 *
 * A line of the administrator must not contradict the lines of the server. Two
 * different Content-Length fields make the length of a message ambiguous: one
 * reader may see one message, and another reader two. So the program refuses
 * the names of fields that frame a message, belong to the connection, or are
 * written by the server. It also refuses a value that could end its line. */
#ifndef PHASE10_SITE_LINES_H
#define PHASE10_SITE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "view.h"

#define SITE_LINES_MAX 2048u /* bytes of the lines of one answer */

/* The values of the options. Everything is borrowed. */
struct site_lines_source {
    const char *const *headers; /* header_count lines "Name: value" */
    unsigned header_count;
    const char *cache_control; /* NULL: not given */
    bool has_cors, has_spa;
};

/* One view for each kind of answer. The views point into text: do not move the
 * struct. */
struct site_lines {
    struct view always;    /* answers that belong to no name */
    struct view preflight; /* answers to OPTIONS */
    struct view name;      /* errors of a name, which may depend on the
                              client's fields */
    struct view file;      /* files */
    struct view listing;   /* pages of directories */
    struct view moved;     /* redirects */
    struct view error;     /* pages of --error-page */
    char text[7][SITE_LINES_MAX];
};

/* Formats the lines. source must have passed site_lines_why_not and
 * site_lines_is_value. Returns 0, or -EMSGSIZE if the lines of one answer
 * exceed SITE_LINES_MAX. */
int site_lines_init(struct site_lines *lines,
                    const struct site_lines_source *source);

/* Returns NULL if "Name: value" may be a line of every answer. Otherwise
 * returns the reason why not, as words that follow the line in a message. */
const char *site_lines_why_not(const char *header, bool has_cors);

/* Returns true if value may be the value of a header field: not empty, no
 * control character, no blank at an end. */
bool site_lines_is_value(struct view value);

#endif
