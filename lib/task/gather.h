/* gather.h: waits for several futures at once.
 * Introduced in phase 3. Needs: future.h.
 *
 * Rules
 *  - gather_await_any takes each future's one waiter field, which needs no
 *    memory.
 *    So no other task waits for one of them or watches it until the call
 *    returns, and none is named twice: asserted. For gather_await_all others
 *    may, as for
 *    future_wait.
 *  - All of them must stay valid until the call returns, also those that are
 *    done:
 *    both look at each again.
 *  - A deadline is the task's, as everywhere: deadline_set_ns before the call.
 *  - A future that is still pending afterwards may be waited for again. Do not
 *    free
 *    a future that may still be completed. */
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
