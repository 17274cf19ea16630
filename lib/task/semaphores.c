/* semaphores.c: lets at most n tasks do something at a time; see semaphores.h.
 * Introduced in phase 3. Needs: semaphores.h.
 *
 * What it teaches: a semaphore is a counter and a queue of waiters. The counter
 * need not be atomic, because no other task runs between two suspensions of a
 * task. */
#include "semaphores.h"

#include <assert.h>

int semaphore_await_take(struct semaphore *semaphore)
{
    if (semaphore->count == 0)
        return waiters_await_result(&semaphore->line, NULL);
    semaphore->count--;
    return 0;
}

void semaphore_release(struct semaphore *semaphore)
{
    if (waiters_first(&semaphore->line) != NULL) {
        assert(semaphore->count == 0);
        waiters_serve(&semaphore->line, 0);
        return;
    }
    assert(semaphore->count < UINT32_MAX);
    semaphore->count++;
}
