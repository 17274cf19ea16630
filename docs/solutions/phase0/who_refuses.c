/* who_refuses: find the cause of a refusal from calls that must fail.
 *
 * What it teaches: EBADF from io_uring_enter(-1) is good news. The call has
 * passed every filter, and has reached a kernel with io_uring. */
#include "who_refuses.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum refusal who_refuses(void)
{
    struct io_uring_params params;
    int ring;

    if (syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0) == 0 ||
        errno != EBADF)
        return errno == ENOSYS ? NO_SUCH_CALL : REFUSED_BY_FILTER;
    memset(&params, 0, sizeof params);
    ring = (int)syscall(SYS_io_uring_setup, 1, &params);
    if (ring >= 0) {
        close(ring);
        return RING_WORKS;
    }
    return REFUSED_BY_KERNEL;
}
