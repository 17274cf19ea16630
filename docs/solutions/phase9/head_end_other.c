/* head_end: the same as head_end.c, in another way: memmem looks for the four
 * bytes, from three bytes before the new ones. */
#include "head_end.h"

#include <errno.h>
#include <string.h>

long head_end(struct head_end *state, const char *buf, size_t len)
{
    size_t from = state->seen < 3 ? 0 : state->seen - 3;
    const char *found = memmem(buf + from, len - from, "\r\n\r\n", 4);

    state->seen = len;
    return found != NULL ? found + 4 - buf : -EAGAIN;
}
