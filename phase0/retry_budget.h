/* retry_budget.h: waits for the memory of rings that are closed already.
 *
 * Taking a ring down goes on in the kernel after close(2) has returned. Until
 * it is done, its memory counts against RLIMIT_MEMLOCK, and the next ring may
 * be refused for the sake of the last. */
#ifndef PHASE0_RETRY_BUDGET_H
#define PHASE0_RETRY_BUDGET_H

#include <stdbool.h>

/* True if an attempt that ended with result should be repeated: it was -ENOMEM,
 * and some of the budget is left. Sleeps a millisecond first. The budget of a
 * process is about a second in all, so that a real shortage is soon
 * reported. */
bool retry_budget_try_again(int result);

#endif
