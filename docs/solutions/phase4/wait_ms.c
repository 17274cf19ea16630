/* wait_ms: how long a host may wait.
 *
 * What it teaches: a timeout that is rounded down ends too early. The timer is
 * not due yet, and the host turns and turns until it is. */
#include "wait_ms.h"

#include <limits.h>

#define NS_PER_MS UINT64_C(1000000)

int wait_ms(bool has_more, uint64_t next_ns, uint64_t now_ns)
{
    uint64_t ms;

    if (has_more)
        return 0;
    if (next_ns == WAIT_MS_NEVER)
        return -1;
    if (next_ns <= now_ns)
        return 0;
    ms = (next_ns - now_ns - 1) / NS_PER_MS + 1; /* rounded up */
    return ms > INT_MAX ? INT_MAX : (int)ms;
}
