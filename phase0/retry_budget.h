/* retry_budget.h: waits for the memory of closed rings.
 *
 * The kernel destroys a ring in the background, after close(2) has returned.
 * Until it is destroyed, its memory counts against RLIMIT_MEMLOCK, and the
 * kernel may refuse the next ring. */
#ifndef PHASE0_RETRY_BUDGET_H
#define PHASE0_RETRY_BUDGET_H

#include <stdbool.h>

/* Returns true if the caller should repeat an attempt that returned result:
 * result is -ENOMEM, and there is budget left. Sleeps for a millisecond first.
 * The whole process has a budget of about one second, so that a real shortage
 * is reported soon. */
bool retry_budget_try_again(int result);

#endif
