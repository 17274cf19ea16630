/* next_line.h: lines of a stream.
 *
 * An exercise of phase 5; see phase5/exercises/README.md. */
#ifndef NEXT_LINE_H
#define NEXT_LINE_H

#include <liburing.h>
#include <stdbool.h>

#define NEXT_LINE_MAX 64 /* bytes of a line, with its newline */

/* A reader of lines. The caller sets ring and fd; the rest begins zeroed. */
struct line_source {
    struct io_uring *ring;
    int fd; /* a pipe */
    char buf[NEXT_LINE_MAX];
    unsigned begin, end; /* buf[begin..end) has not been returned */
    bool has_ended;      /* a read has returned 0 */
};

/* Returns the next line, without its newline, in *line and *len. The line stays
 * valid until the next call. Reads only if buf has no complete line. The last
 * line may have no newline.
 *
 * Returns 1          *line is a line
 *         0          there are no more lines
 *         -EMSGSIZE  NEXT_LINE_MAX bytes have no newline
 *         -errno     a read failed */
int next_line(struct line_source *source, const char **line, unsigned *len);

#endif
