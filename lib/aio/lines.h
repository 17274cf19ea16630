/* lines.h: reads a file line by line, while the kernel reads the next block.
 * Introduced in phase 5. Needs: aio.h, operation.h.
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
 * There are two blocks: the caller works on one while the kernel fills the
 * other. If a block ends inside a line, the start of the line is copied into
 * the room in front of the next block. So every line is contiguous:
 *
 *     [ room for a line | block 0 ] [ room for a line | block 1 ]
 *                                          `-- the start of a cut line
 * Rules
 *  - A line includes its "\n", and its "\r" if it has one. The last line may
 *    have neither. A line has at least one byte.
 *  - A line is valid until the next call with the same struct lines.
 *  - A file may grow. If a read that an earlier call started has found the end,
 *    lines_await_line reads again before it returns 0. A later call continues
 *    at the end that was found. The end of a stream is final.
 *  - Do not use the file's position before lines_await_finish.
 *  - Call lines_await_finish before you free the memory, because the kernel may
 *    still write to it. */
#ifndef ONE_RING_LINES_H
#define ONE_RING_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "aio.h"
#include "operation.h"

/* The number of bytes that lines_init needs: two blocks, and room for a line in
 * front of each block. */
#define LINES_MEMORY(line_max, block_len) (2 * ((line_max) + (block_len)))

struct lines {
    struct aio *file; /* borrowed */
    char *memory;     /* borrowed: LINES_MEMORY bytes */
    size_t line_max;
    size_t block_len;
    char *at;         /* the first byte not yet returned */
    char *end;        /* one past the last byte of the block */
    char *searched;   /* [at, searched) has no newline */
    unsigned block;   /* the block that the caller works on */
    uint64_t offset;  /* file offset of the next block */
    struct await ahead; /* the read into the other block */
    bool is_placed;     /* offset is known */
    bool is_reading;    /* ahead was started and not yet awaited */
    bool is_over;       /* a stream has ended */
    bool is_skipping;   /* inside a line that is too long */
};

/* Prepares to read lines from the file's position. If the file was opened for
 * appending, the first lines_await_line looks up the position. Borrows file and
 * memory until lines_await_finish. line_max and block_len are in bytes, at
 * least 1. Does not suspend, and reads nothing yet. */
void lines_init(struct lines *lines, struct aio *file, void *memory,
                size_t line_max, size_t block_len);

/* Suspends until a line is available.
 *
 * Returns  > 0         the line's length in bytes; *line points to it
 *          0           end of input; for a file, a later call reads again
 *          -EMSGSIZE   a line longer than line_max was dropped; the next call
 *                      continues after it
 *          -ECANCELED  the task was cancelled; nothing is lost
 *          -ETIME      the deadline passed; nothing is lost
 *          other -errno  from read(2) */
int lines_await_line(struct lines *lines, char **line);

/* Cancels the read in flight, if any, and suspends until it has ended. Sets the
 * file's position to the end of the last line that was returned. A stream loses
 * the bytes that were read and not returned. Cannot be interrupted. */
void lines_await_finish(struct lines *lines);

#endif
