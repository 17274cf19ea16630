/* who_refuses: find the cause of a refusal from calls that must fail.
 *
 * The task: write who_refuses. who_refuses.h has its contract. Use the system
 * calls themselves: syscall(SYS_io_uring_setup, entries, &params) and
 * syscall(SYS_io_uring_enter, fd, 0, 0, 0, NULL, 0).
 *
 *   - syscall returns -1 after a failure, and sets errno.
 *   - Section 4 of the lesson shows how far each call gets. The sysctl and the
 *     security modules affect only io_uring_setup. A filter sees every call.
 *   - Which errno does io_uring_enter return for descriptor -1, if no filter
 *     refuses the call?
 *   - A filter may allow io_uring_setup and refuse io_uring_enter.
 *   - Set all bytes of params to 0 before the call. If io_uring_setup makes a
 *     ring, close its descriptor. */
#include "who_refuses.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum refusal who_refuses(void)
{
    return NO_SUCH_CALL; /* yours */
}
