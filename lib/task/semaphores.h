/* semaphores.h: at most n tasks at a time.
 * Introduced in phase 3. Needs: waiters.h.
 *
 *     struct semaphore doors = {.count = 4};
 *
 *     rc = semaphore_await_take(&doors);
 *     ...
 *     semaphore_release(&doors);
 *
 * First come, first served: one who waits is handed what is given, and a task
 * that comes later cannot overtake it. (The file is in the plural since
 * <semaphore.h> is the system's, which blocks threads.) */
#ifndef ONE_RING_SEMAPHORES_H
#define ONE_RING_SEMAPHORES_H

#include <stdint.h>

#include "waiters.h"

/* Zeroed: nothing to take. Tasks of one thread only. */
struct semaphore {
    uint32_t count;    /* how many can be taken now; 0 while somebody waits */
    struct queue line; /* of struct waiter */
};

/* Takes one; suspends until there is one. Returns 0; or -ECANCELED or -ETIME,
 * and nothing was taken. If there is one it does not suspend. */
int semaphore_await_take(struct semaphore *semaphore);

/* Gives one, to who waits longest. Does not suspend. Who gives need not be who
 * has taken. */
void semaphore_release(struct semaphore *semaphore);

#endif
