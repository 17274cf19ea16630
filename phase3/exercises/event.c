/* event: park tasks, and wake them.
 *
 * The task: write event_await_set and event_set. event.h has their contracts.
 *
 *   - task_park(NULL) stops the current task until task_make_ready is called
 *     for it. There is only one scheduler and one thread, so no lock is needed.
 *   - While a task is parked, the member `node` of its struct is not in use.
 *     Use that node to put the task into event->waiters. container_of finds the
 *     task of a node.
 *   - task_make_ready does not run a task, but puts it on the ready queue.
 *   - What happens to a task that begins to wait after the event was set? */
#include "event.h"

void event_await_set(struct event *event)
{
    /* yours */
}

void event_set(struct event *event)
{
    /* yours */
}
