/* retry_budget.h: waits until the kernel has freed the memory of closed rings.
 *
 * The kernel destroys a ring in the background, after close(2) has returned.
 * Until it is destroyed, its memory counts against RLIMIT_MEMLOCK, and the
 * kernel may refuse the next ring. */
#ifndef PHASE0_RETRY_BUDGET_H
#define PHASE0_RETRY_BUDGET_H

#include <stdbool.h>

/* Returns true if the caller should repeat an attempt that returned result:
 * result is -ENOMEM, and there is budget left. In this case it sleeps for 1 ms
 * before it returns. The whole process may sleep 1,000 times, so that a
 * real shortage is reported soon. */
bool retry_budget_try_again(int result);

#endif
