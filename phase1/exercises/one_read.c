/* one_read: wait for a result although signals arrive.
 *
 * The task: write one_read. one_read.h has its contract.
 *
 *   - While your thread waits for the CQE, signals arrive, and each of them
 *     ends the wait. io_uring_wait_cqe then returns -EINTR.
 *     io_uring_submit_and_wait returns the number of SQEs that it submitted,
 *     although no CQE is there, or -EINTR if it submitted none.
 *   - The read has not ended. The kernel still owns buf, and will post the CQE.
 *   - So do not return, and do not submit the read again: wait again.
 *   - The thread must sleep while it waits. */
#include "one_read.h"

#include <errno.h>

int one_read(struct io_uring *ring, int pipe, char *buf, unsigned len)
{
    return -ENOSYS; /* yours */
}
