/* gather.h: waiting for several at once.
 * Introduced in phase 3. Needs: future.h.
 *
 * Rules
 *  - gather_await_any takes the one place at each of them that needs no memory.
 *    So nobody else waits for one of them or watches it meanwhile, and none is
 *    named twice: asserted. For gather_await_all others may, as for
 *    future_wait.
 *  - All of them are kept until the call returns, those that are done as well:
 *    both look at each again.
 *  - A deadline is the task's, as everywhere: deadline_set_ns before the call.
 *  - What is still pending afterwards may be waited for again. Do not let go of
 *    a future that somebody may still complete. */
#ifndef ONE_RING_GATHER_H
#define ONE_RING_GATHER_H

#include <stddef.h>

#include "future.h"

/* Suspends until all are done; a result below 0 does not end the wait. Returns
 * 0, and every result is in its future; or -ECANCELED or -ETIME, and some are
 * pending. For tasks whose first failure should end the others there is
 * group.h. */
int gather_await_all(struct future *const futures[], size_t count);

/* Suspends until one is done, unless one is. Returns its index: the lowest, if
 * there are several by the time this task runs; or -ECANCELED or -ETIME, and
 * all are pending. count is 1 to INT_MAX. */
int gather_await_any(struct future *const futures[], size_t count);

#endif
