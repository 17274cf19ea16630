/* head_end: a head that is cut anywhere.
 *
 * The task: write head_end. head_end.h has its contract.
 *
 *   - TCP keeps the order of bytes, and nothing else. The four bytes CR LF CR
 *     LF may come in four receives.
 *   - So remember how many of the four bytes you have found, and go on after
 *     the bytes that you have seen. Do not begin again: a client that sends
 *     byte by byte would make you look at each byte a thousand times.
 *   - Two LF are not the end: accept no other line end.
 *   - In CR LF CR CR LF CR LF the third byte is not a part of the end, but the
 *     fourth is. */
#include "head_end.h"

#include <errno.h>

long head_end(struct head_end *state, const char *buf, size_t len)
{
    return -ENOSYS; /* yours */
}
