/* gather.h: waits for several futures at once.
 * Introduced in phase 3. Needs: future.h.
 *
 * Rules
 *  - gather_await_any uses the waiter field of each future and does not
 *    allocate memory. Until it returns, the futures must have no other waiter
 *    and no watch, and no future may be in the list twice (asserted). These
 *    limits do not apply to gather_await_all.
 *  - Each future must stay valid until the call returns, even after it is done,
 *    because both functions read it again.
 *  - To limit the wait, set the task's deadline first (deadline_set_ns).
 *  - A task may wait again for a future that is still pending afterwards. Do
 *    not free a future that may still be completed. */
#ifndef ONE_RING_GATHER_H
#define ONE_RING_GATHER_H

#include <stddef.h>

#include "future.h"

/* Suspends until all futures are done. A result below 0 does not end the wait.
 * If the first failure should end the other tasks, use group.h.
 *
 * Returns 0           each result is in its future
 *         -ECANCELED  the task was cancelled; some futures are pending
 *         -ETIME      the deadline passed; some futures are pending */
int gather_await_all(struct future *const futures[], size_t count);

/* Suspends until a future is done. Does not suspend if one is done already.
 * count is 1 to INT_MAX.
 *
 * Returns >= 0        the lowest index of a future that is done
 *         -ECANCELED  the task was cancelled; all futures are pending
 *         -ETIME      the deadline passed; all futures are pending */
int gather_await_any(struct future *const futures[], size_t count);

#endif
