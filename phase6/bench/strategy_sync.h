/* strategy_sync.h: the items, one after another, with system calls.
 *
 * sync does this in the program's thread, and pool in each of its threads. */
#ifndef PHASE6_STRATEGY_SYNC_H
#define PHASE6_STRATEGY_SYNC_H

#include "item.h"

/* Takes items until none is left. The calling thread blocks in each call. */
void strategy_sync_work_off(struct item *item);

#endif
