/* copy_all: copies many files with a limited number of tasks.
 *
 * The task: write copy_all. copy_all.h has its contract. The loop runs it as
 * its first task.
 *
 *   - Each job gets a separate task, which reads and writes with await_read
 *     and await_write_all. Pass AWAIT_STREAM as the offset.
 *   - The loop has room for a few tasks. If the loop is full, group_spawn
 *     returns -EAGAIN. A semaphore with at_once units prevents that.
 *   - The first task that returns a failure cancels the others of its group. A
 *     job that fails must not do that: where does its result go?
 *   - Stacks are small, so the compiler warns of frames above 2 KiB: a buffer
 *     of 1024 bytes is enough. */
#include "copy_all.h"

#include <errno.h>

int copy_all(void *arg)
{
    return -ENOSYS; /* yours */
}
