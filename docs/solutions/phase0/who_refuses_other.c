/* who_refuses: the same as who_refuses.c, in another way: it makes a ring
 * first, and asks io_uring_enter about this ring or about no ring. */
#include "who_refuses.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

enum refusal who_refuses(void)
{
    struct io_uring_params params = {0};
    long ring = syscall(SYS_io_uring_setup, 4, &params);
    long entered = syscall(SYS_io_uring_enter, ring, 0, 0, 0, NULL, 0);
    int why = entered < 0 ? errno : 0;

    if (ring >= 0)
        close((int)ring);
    if (why == ENOSYS)
        return NO_SUCH_CALL;
    if (ring >= 0)
        return why == 0 ? RING_WORKS : REFUSED_BY_FILTER;
    return why == EBADF ? REFUSED_BY_KERNEL : REFUSED_BY_FILTER;
}
