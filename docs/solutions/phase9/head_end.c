/* head_end: a head that is cut anywhere.
 *
 * What it teaches: a parser that can be interrupted keeps its state outside its
 * frame, and then no cut is a special case. */
#include "head_end.h"

#include <errno.h>

long head_end(struct head_end *state, const char *buf, size_t len)
{
    static const char end[] = "\r\n\r\n";

    while (state->seen < len) {
        char c = buf[state->seen++];

        if (c == end[state->matched])
            state->matched++;
        else
            state->matched = c == '\r';
        if (state->matched == 4)
            return (long)state->seen;
    }
    return -EAGAIN;
}
