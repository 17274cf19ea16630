/* accept_all: arm once, complete many times, and arm again.
 *
 * The task: write accept_all. accept_all.h has its contract.
 *
 *   - io_uring_prep_multishot_accept prepares a request with many CQEs. The res
 *     of each is a new descriptor.
 *   - The flag IORING_CQE_F_MORE in cqe->flags means that more will come. A CQE
 *     without it is the last one: the kernel has ended the accept, for example
 *     because the CQ was full. That is not an error.
 *   - If you need more connections then, arm the accept again. Do not arm it
 *     while it is armed.
 *   - When you have all connections, the accept may still be armed. Cancel it,
 *     and wait for its last CQE and for that of the cancel. */
#include "accept_all.h"

#include <errno.h>

int accept_all(struct io_uring *ring, int listener, unsigned count,
               void (*use)(int connection))
{
    return -ENOSYS; /* yours */
}
