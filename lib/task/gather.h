/* gather.h: waits for several futures at once.
 * Introduced in phase 3. Needs: future.h.
 *
 * Rules
 *  - gather_await_any uses the one waiter field of each future, and no memory.
 *    Until it returns, no other task may wait for one of them or watch it, and
 *    no future may be in the list twice: asserted. gather_await_all allows
 *    both, as future_wait does.
 *  - Each future must stay valid until the call returns, also if it is done:
 *    both functions read it again.
 *  - A deadline belongs to the task: call deadline_set_ns before.
 *  - A task may wait again for a future that is still pending afterwards. Do
 *    not free a future that may still be completed. */
#ifndef ONE_RING_GATHER_H
#define ONE_RING_GATHER_H

#include <stddef.h>

#include "future.h"

/* Suspends until all futures are done. A result below 0 does not end the wait;
 * for tasks whose first failure ends the others, use group.h.
 *
 * Returns 0           each result is in its future
 *         -ECANCELED  the task was cancelled; some futures are pending
 *         -ETIME      its deadline passed; some futures are pending */
int gather_await_all(struct future *const futures[], size_t count);

/* Suspends until a future is done. Does not suspend if one is done already.
 * count is 1 to INT_MAX.
 *
 * Returns >= 0        the lowest index of a future that is done
 *         -ECANCELED  the task was cancelled; all futures are pending
 *         -ETIME      its deadline passed; all futures are pending */
int gather_await_any(struct future *const futures[], size_t count);

#endif
