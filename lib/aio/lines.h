/* lines.h: the lines of a file, while the next block is on its way.
 * Introduced in phase 5. Needs: aio.h.
 *
 *     char memory[LINES_MEMORY(4096, 65536)];
 *     struct lines lines;
 *     char *line;
 *
 *     lines_init(&lines, &file, memory, 4096, 65536);
 *     while ((len = lines_await_line(&lines, &line)) > 0)
 *         ... line[0..len) ...
 *     lines_await_finish(&lines);
 *
 * Two blocks: the caller works on one while the kernel fills the other. A line
 * that is cut by the end of a block is moved in front of the next one, where
 * room is kept for it, so that every line is contiguous:
 *
 *     [ room for a line | block 0 ] [ room for a line | block 1 ]
 *                                          `-- the cut line's start comes here
 * Rules
 *  - A line includes its "\n", and its "\r" if it has one; the last one may
 *    have neither. So a line is never empty.
 *  - A line is the caller's until the next call on the same lines.
 *  - While lines are in use the file's position is theirs: do not use it.
 *  - Do finish: a read may be in flight, into memory that is the kernel's. */
#ifndef ONE_RING_LINES_H
#define ONE_RING_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "aio.h"

/* The memory that lines of at most line_max bytes and blocks of block_len
 * need. */
#define LINES_MEMORY(line_max, block_len) (2 * ((line_max) + (block_len)))

struct lines {
    struct aio *file; /* borrowed */
    char *memory;     /* borrowed: LINES_MEMORY bytes */
    size_t line_max;
    size_t block_len;
    char *at;         /* what is not handed out yet ... */
    char *end;        /* ... up to here */
    char *searched;   /* up to here there is no newline */
    unsigned block;   /* the one that the caller works on */
    uint64_t offset;  /* where in the file the next block begins */
    struct await ahead; /* the read into the other block */
    bool is_reading;    /* ahead is under way */
    bool is_over;       /* the end was read */
    bool is_skipping;   /* the rest of a line that was too long */
};

/* Reads lines from where file is positioned; file and memory stay the
 * caller's. line_max and block_len are above 0. Does not suspend, and reads
 * nothing yet. */
void lines_init(struct lines *lines, struct aio *file, void *memory,
                size_t line_max, size_t block_len);

/* Suspends until there is a line. Returns its length, and *line points to it; 0
 * at the end; -EMSGSIZE if a line is longer than line_max: it is dropped, and
 * the next call gives the next; -ECANCELED or -ETIME, and nothing is lost; or
 * the -errno of reading. */
int lines_await_line(struct lines *lines, char **line);

/* Suspends until no read is in flight, and leaves the file positioned behind
 * the last line handed out (a stream: behind what was read). Cannot be
 * interrupted. */
void lines_await_finish(struct lines *lines);

#endif
