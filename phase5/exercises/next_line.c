/* next_line: lines that reads cut anywhere.
 *
 * The task: write next_line. next_line.h has its contract.
 *
 *   - A read returns bytes, and not lines. It may return half a line, or two
 *     lines and a half.
 *   - If buf has a newline, return the line immediately. Do not read: the
 *     next bytes may come in an hour.
 *   - If it has none, make room (memmove) and read more, after the bytes that
 *     you have.
 *   - At the end of the input, the bytes that are left are a line, too.
 *   - A line may be too long for buf. Do not read when buf is full: a read into
 *     a buffer of 0 bytes returns 0, which looks like the end of the input. */
#include "next_line.h"

#include <errno.h>
#include <string.h>

int next_line(struct line_source *source, const char **line, unsigned *len)
{
    return -ENOSYS; /* yours */
}
