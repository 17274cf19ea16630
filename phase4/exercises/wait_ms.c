/* wait_ms: how long a host may wait.
 *
 * The task: write wait_ms. wait_ms.h has its contract.
 *
 *   - The host counts in milliseconds, and the loop's timers in nanoseconds.
 *   - A timer is due in 0.4 ms. What does the host do if you return 0?
 *   - A timer may be overdue, and times are unsigned.
 *   - A timer may be far away, and the result is an int. */
#include "wait_ms.h"

int wait_ms(bool has_more, uint64_t next_ns, uint64_t now_ns)
{
    return -2; /* yours */
}
