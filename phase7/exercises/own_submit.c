/* own_submit: get an SQE, and submit the SQEs that are queued.
 *
 * The task: write own_next and own_submit. own_submit.h has their contracts.
 *
 *   - Two tails: next is yours, and counts the SQEs that you have handed out.
 *     The shared tail is what the kernel sees. A kernel thread may watch it
 *     (SQPOLL), so it moves only after the SQEs are filled.
 *   - An SQE holds an old request: zero it.
 *   - Submit tail - head SQEs. That may be more than were handed out since the
 *     last call: the kernel stops at an SQE that it refuses, and the others
 *     stay.
 *   - syscall returns -1 and sets errno. */
#include "own_submit.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct io_uring_sqe *own_next(struct own_queue *queue)
{
    return NULL; /* yours */
}

int own_submit(struct own_queue *queue)
{
    return -ENOSYS; /* yours */
}
