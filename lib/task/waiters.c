/* waiters.c: a queue of waiting tasks; see waiters.h.
 * Introduced in phase 3. Needs: waiters.h.
 *
 * What it teaches: one bit, is_in_line, decides the race between serving a
 * waiter and cancelling it. waiters_serve clears the bit and makes the task
 * ready. If the task is interrupted after that, it is no longer parked, so the
 * interruption stays pending until its next wait. */
#include "waiters.h"

#include <assert.h>

/* Removes an interrupted waiter. Takes O(n), because queue_remove searches the
 * queue. */
static void leave_line(struct task_wait *wait)
{
    struct waiter *self = container_of(wait, struct waiter, wait);

    queue_remove(self->line, &self->node);
    task_make_ready(self->task);
}

int waiters_await_result(struct queue *line, void *item)
{
    struct waiter self = {
        .wait.interrupt = leave_line,
        .line = line,
        .task = task_current(),
        .item = item,
        .is_in_line = true,
    };

    queue_push(line, &self.node);
    task_park(&self.wait);
    return self.is_in_line ? task_take_interruption() : self.result;
}

struct waiter *waiters_first(const struct queue *line)
{
    if (queue_is_empty(line))
        return NULL;
    return container_of(line->first, struct waiter, node);
}

void waiters_serve(struct queue *line, int result)
{
    struct waiter *first = waiters_first(line);

    assert(first != NULL && first->is_in_line);
    queue_pop(line);
    first->result = result;
    first->is_in_line = false;
    task_make_ready(first->task);
}
