/* mutex.c: a lock that a task may hold while it is suspended; see mutex.h.
 * Introduced in phase 3. Needs: mutex.h.
 *
 * What it teaches: mutex_unlock passes the mutex to the next waiter instead of
 * freeing it. If the mutex were free until the waiter runs, the unlocking task
 * could lock it again first. If it did so each time, the waiters would
 * starve. */
#include "mutex.h"

#include <assert.h>

int mutex_await_lock(struct mutex *mutex)
{
    assert(mutex->owner != task_current()); /* it would wait forever */
    if (mutex->owner != NULL)
        return waiters_await_result(&mutex->line, NULL);
    mutex->owner = task_current();
    return 0;
}

void mutex_unlock(struct mutex *mutex)
{
    struct waiter *next = waiters_first(&mutex->line);

    assert(mutex->owner == task_current());
    mutex->owner = NULL;
    if (next != NULL) {
        mutex->owner = next->task;
        waiters_serve(&mutex->line, 0);
    }
}
