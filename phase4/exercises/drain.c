/* drain: what a host does when the ring's eventfd is readable.
 *
 * The task: write drain_ring. drain.h has its contract.
 *
 *   - A signal is a hint, not a count: one signal may mean eight results, or
 *     none.
 *   - A read of the eventfd clears it. If you do not clear it, the host finds
 *     it readable again, and spins.
 *   - A result may arrive at any moment, even between two of your lines. So
 *     what must you do first: clear the eventfd, or take the results?
 *   - The ring may be a deferred one (DEFER_TASKRUN). Its results appear only
 *     when you enter the kernel. io_uring_get_events does that. */
#include "drain.h"

#include <unistd.h>

int drain_ring(struct io_uring *ring, int event,
               void (*use)(uint64_t user_data, int result))
{
    return 0; /* yours */
}
