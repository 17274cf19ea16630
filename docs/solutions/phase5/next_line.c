/* next_line: lines that reads cut anywhere.
 *
 * What it teaches: look first, and read only if there is nothing to return. */
#include "next_line.h"

#include <errno.h>
#include <string.h>

/* Reads behind the bytes that are there; there must be room. */
static int fill(struct line_source *source)
{
    struct io_uring_cqe *cqe;
    int result;

    io_uring_prep_read(io_uring_get_sqe(source->ring), source->fd,
                       source->buf + source->end,
                       NEXT_LINE_MAX - source->end, 0);
    result = io_uring_submit(source->ring);
    if (result >= 0)
        result = io_uring_wait_cqe(source->ring, &cqe);
    if (result < 0)
        return result;
    result = cqe->res;
    io_uring_cqe_seen(source->ring, cqe);
    if (result >= 0)
        source->end += (unsigned)result;
    source->has_ended = result == 0;
    return result;
}

static int take(struct line_source *source, unsigned len, const char **line,
                unsigned *line_len)
{
    *line = source->buf + source->begin;
    *line_len = len;
    source->begin += len;
    return 1;
}

int next_line(struct line_source *source, const char **line, unsigned *len)
{
    for (;;) {
        char *begin = source->buf + source->begin, *newline;
        unsigned left = source->end - source->begin;
        int rc;

        newline = memchr(begin, '\n', left);
        if (newline != NULL) {
            (void)take(source, (unsigned)(newline - begin), line, len);
            source->begin++; /* the newline */
            return 1;
        }
        if (source->has_ended)
            return left > 0 ? take(source, left, line, len) : 0;
        if (left == NEXT_LINE_MAX)
            return -EMSGSIZE;
        memmove(source->buf, begin, left);
        source->begin = 0;
        source->end = left;
        rc = fill(source);
        if (rc < 0)
            return rc;
    }
}
