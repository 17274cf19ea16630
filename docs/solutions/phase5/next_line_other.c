/* next_line: the same as next_line.c, in another way: it moves the rest to the
 * front at each call, and reads until a newline is there. */
#include "next_line.h"

#include <errno.h>
#include <string.h>

int next_line(struct line_source *source, const char **line, unsigned *len)
{
    static char returned[NEXT_LINE_MAX];
    char *newline;

    source->end -= source->begin;
    memmove(source->buf, source->buf + source->begin, source->end);
    source->begin = 0;
    while (!(newline = memchr(source->buf, '\n', source->end)) &&
           !source->has_ended) {
        struct io_uring_cqe *cqe;
        int got;

        if (source->end == NEXT_LINE_MAX)
            return -EMSGSIZE;
        io_uring_prep_read(io_uring_get_sqe(source->ring), source->fd,
                           source->buf + source->end,
                           NEXT_LINE_MAX - source->end, UINT64_MAX);
        io_uring_submit_and_wait(source->ring, 1);
        io_uring_wait_cqe(source->ring, &cqe);
        got = cqe->res;
        io_uring_cqe_seen(source->ring, cqe);
        if (got < 0)
            return got;
        source->end += (unsigned)got;
        source->has_ended = got == 0;
    }
    if (newline == NULL && source->end == 0)
        return 0;
    *len = newline ? (unsigned)(newline - source->buf) : source->end;
    source->begin = *len + (newline != NULL);
    *line = memcpy(returned, source->buf, *len);
    return 1;
}
