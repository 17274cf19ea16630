/* retry_budget.h: waits until the kernel has freed the memory of closed rings.
 *
 * The kernel destroys a ring in the background, after close(2) has returned.
 * Until it is destroyed, its memory counts against RLIMIT_MEMLOCK, and the
 * kernel may refuse the next ring. */
#ifndef PHASE0_RETRY_BUDGET_H
#define PHASE0_RETRY_BUDGET_H

#include <stdbool.h>

/* Returns true if the caller should repeat an attempt that returned result: if
 * result is -ENOMEM and the budget is not used up. Before it returns true, it
 * sleeps for 1 ms. The budget is 1,000 such sleeps per process, so that a real
 * shortage is reported soon. */
bool retry_budget_try_again(int result);

#endif
