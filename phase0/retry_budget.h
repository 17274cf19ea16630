/* retry_budget.h: wait for the memory of rings that are closed already.
 *
 * Taking a ring down goes on in the kernel after close(2) has returned. Until
 * it is done, its memory counts against RLIMIT_MEMLOCK, and the next ring may
 * be refused for the sake of the last. */
#ifndef PHASE0_PATIENCE_H
#define PHASE0_PATIENCE_H

#include <stdbool.h>

/* Whether an attempt that ended with result is worth another: it was -ENOMEM,
 * and there is patience left. Sleeps a millisecond first. The patience of a
 * process is about a second in all, so that a real shortage is soon reported.
 */
bool retry_budget_try_again(int result);

#endif
