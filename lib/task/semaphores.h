/* semaphores.h: lets at most n tasks do something at a time.
 * Introduced in phase 3. Needs: waiters.h.
 *
 *     struct semaphore doors = {.count = 4};
 *
 *     rc = semaphore_await_take(&doors);
 *     ...
 *     semaphore_release(&doors);
 *
 * A task takes one of the n units, or waits for one. First come, first served:
 * semaphore_release passes its unit to the task that has waited longest, so a
 * later task cannot overtake that task. (The file name is plural because
 * <semaphore.h> is a system header.) */
#ifndef ONE_RING_SEMAPHORES_H
#define ONE_RING_SEMAPHORES_H

#include <stdint.h>

#include "waiters.h"

/* A zeroed semaphore has no free unit. Use a semaphore only within one
 * thread. */
struct semaphore {
    uint32_t count;    /* free units; 0 while a task waits */
    struct queue line; /* waiters */
};

/* Takes a unit. Suspends only if none is free.
 *
 * Returns 0           the task has a unit
 *         -ECANCELED  the task was cancelled; no unit was taken
 *         -ETIME      the deadline passed; no unit was taken */
int semaphore_await_take(struct semaphore *semaphore);

/* Passes a unit to the task that has waited longest, or makes it free if no
 * task waits. Any task may call this. Does not suspend. */
void semaphore_release(struct semaphore *semaphore);

#endif
