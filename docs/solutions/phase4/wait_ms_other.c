/* wait_ms: the same as wait_ms.c, in another way: with a remainder. */
#include "wait_ms.h"

#include <limits.h>

int wait_ms(bool has_more, uint64_t next_ns, uint64_t now_ns)
{
    uint64_t left_ns = next_ns > now_ns ? next_ns - now_ns : 0;
    uint64_t ms = left_ns / 1000000;

    if (has_more || left_ns == 0)
        return 0;
    if (next_ns == UINT64_MAX)
        return -1;
    if (left_ns % 1000000 != 0)
        ms++;
    if (ms > INT_MAX)
        ms = INT_MAX;
    return (int)ms;
}
