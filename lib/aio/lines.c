/* lines.c: reads a file line by line; see lines.h.
 * Introduced in phase 5. Needs: lines.h, tools.h.
 *
 * What it teaches: an operation may stay in flight when the call that started
 * it returns. Its struct await is then a member of an object, not a local
 * variable. The object needs a finish function that waits for the operation. */
#include "lines.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "tools.h"

static char *block_at(const struct lines *lines, unsigned block)
{
    return lines->memory + block * (lines->line_max + lines->block_len) +
           lines->line_max;
}

void lines_init(struct lines *lines, struct aio *file, void *memory,
                size_t line_max, size_t block_len)
{
    assert(line_max > 0 && block_len > 0 && block_len <= AWAIT_LEN_MAX);
    assert(file->is_open);
    *lines = (struct lines){
        .file = file,
        .memory = memory,
        .line_max = line_max,
        .block_len = block_len,
    };
    lines->at = lines->end = lines->searched = block_at(lines, 0);
}

/* Starts a read into the block that the caller does not work on. */
static void lines_await_read_ahead(struct lines *lines)
{
    char *to = block_at(lines, !lines->block);
    struct io_uring_sqe *sqe = await_start(&lines->ahead);

    io_uring_prep_read(sqe, lines->file->fd, to, (unsigned)lines->block_len,
                       lines->file->is_stream ? AWAIT_STREAM : lines->offset);
    tools_kernel_owns(to, lines->block_len);
    lines->is_reading = true;
}

/* Sets the offset of the first block. For an appending file, looks up the
 * position first, because it is not known yet. Returns 0, or -errno from
 * statx(2). */
static int lines_await_place(struct lines *lines)
{
    int rc = lines->is_placed ? 0 : aio_await_settle(lines->file);

    if (rc == 0 && !lines->is_placed) {
        lines->offset = lines->file->position;
        lines->is_placed = true;
    }
    return rc;
}

/* Waits for the read into the other block, and starts it first if needed. */
static int lines_await_ahead(struct lines *lines)
{
    int got;

    if (!lines->is_reading)
        lines_await_read_ahead(lines);
    got = await_result_of(&lines->ahead, block_at(lines, !lines->block),
                          lines->block_len);
    lines->is_reading = false;
    return got;
}

/* Reads the next block. If an earlier call started the read, and the read found
 * the end of the file, the file may have grown since. So this function reads
 * again. It does not read a stream again, because a terminal reports its end
 * only once. Returns the number of bytes, 0 at the end of input, or -errno. */
static int lines_await_block(struct lines *lines)
{
    bool is_early = lines->is_reading; /* an earlier call has started it */
    int got = lines->is_over ? 0 : lines_await_place(lines);

    if (got < 0 || lines->is_over)
        return got;
    got = lines_await_ahead(lines);
    if (got == 0 && is_early && !lines->file->is_stream)
        got = lines_await_ahead(lines);
    if (got > 0)
        lines->offset += (uint64_t)got;
    lines->is_over = got == 0 && lines->file->is_stream;
    return got;
}

/* Switches to the block that was just read, and copies the rest of the previous
 * block (at most line_max bytes) in front of it. Then starts the next read. */
static void lines_await_swap(struct lines *lines, size_t got)
{
    size_t left = (size_t)(lines->end - lines->at);
    char *block = block_at(lines, !lines->block);

    assert(left <= lines->line_max);
    if (left > 0)
        memcpy(block - left, lines->at, left);
    lines->block = !lines->block;
    lines->at = block - left;
    lines->searched = block;
    lines->end = block + got;
    lines_await_read_ahead(lines);
}

/* Takes the bytes up to end as a line. Returns its length, or -EMSGSIZE if it
 * is too long. Returns -EAGAIN if these bytes are the end of a long line whose
 * start was dropped. */
static int give_line(struct lines *lines, char *end, char **line)
{
    size_t len = (size_t)(end - lines->at);
    bool was_skipping = lines->is_skipping;

    *line = lines->at;
    lines->at = lines->searched = end;
    lines->is_skipping = false;
    if (was_skipping)
        return -EAGAIN; /* the next line begins at end */
    return len <= lines->line_max ? (int)len : -EMSGSIZE;
}

/* Takes the next line from the block. Returns the line's length, -EMSGSIZE if
 * the line is too long, or -EAGAIN if the block has no further newline. */
static int take_line(struct lines *lines, char **line)
{
    while (lines->searched < lines->end) {
        char *newline = memchr(lines->searched, '\n',
                               (size_t)(lines->end - lines->searched));
        int rc;

        if (newline == NULL)
            break;
        rc = give_line(lines, newline + 1, line);
        if (rc != -EAGAIN)
            return rc;
    }
    lines->searched = lines->end;
    return -EAGAIN;
}

/* Drops the rest of the block if it is a part of a line that is too long.
 * Returns -EMSGSIZE for the first part of such a line, otherwise 0. */
static int drop_if_too_long(struct lines *lines)
{
    bool is_new = !lines->is_skipping;

    if (!lines->is_skipping &&
        (size_t)(lines->end - lines->at) <= lines->line_max)
        return 0;
    lines->at = lines->searched = lines->end;
    lines->is_skipping = true;
    return is_new ? -EMSGSIZE : 0;
}

int lines_await_line(struct lines *lines, char **line)
{
    for (;;) {
        int rc = take_line(lines, line);

        if (rc != -EAGAIN)
            return rc;
        rc = drop_if_too_long(lines);
        if (rc == 0)
            rc = lines_await_block(lines);
        if (rc < 0)
            return rc;
        if (rc == 0) { /* the rest is a last line without a newline */
            if (lines->is_skipping)
                lines->at = lines->searched = lines->end;
            return lines->at < lines->end ? give_line(lines, lines->end, line)
                                          : 0;
        }
        lines_await_swap(lines, (size_t)rc);
    }
}

void lines_await_finish(struct lines *lines)
{
    if (lines->is_reading) {
        /* cancel_await only requests that the read end. The kernel may write to
         * the block until the read's CQE arrives, so wait for the CQE. */
        cancel_await(&lines->ahead);
        (void)await_result_uninterrupted(&lines->ahead);
    }
    tools_kernel_done(block_at(lines, !lines->block), lines->block_len);
    lines->is_reading = false;
    if (lines->is_placed && !lines->file->is_stream)
        lines->file->position = lines->offset -
                                (uint64_t)(lines->end - lines->at);
}
