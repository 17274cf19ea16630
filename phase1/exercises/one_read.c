/* one_read: wait for a result although signals arrive.
 *
 * The task: write one_read. one_read.h has its contract.
 *
 *   - While your thread waits for the CQE, signals arrive. The wait then ends
 *     early, with -EINTR or without a CQE.
 *   - The read has not ended. The kernel still owns buf, and will post the CQE.
 *   - So do not return, and do not submit the read again: wait again.
 *   - The thread must sleep while it waits. */
#include "one_read.h"

#include <errno.h>

int one_read(struct io_uring *ring, int pipe, char *buf, unsigned len)
{
    return -ENOSYS; /* yours */
}
