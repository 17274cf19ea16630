/* read_within: a time limit that leaves nothing behind.
 *
 * The task: write read_within. read_within.h has its contract.
 *
 *   - Wait for the CQE with io_uring_wait_cqe_timeout. After -ETIME the read is
 *     still in flight, and the kernel owns buf.
 *   - So cancel it: io_uring_prep_cancel64 names it by its user_data.
 *   - Then two CQEs come, in any order: that of the cancel and that of the
 *     read. Wait for both. Only user_data tells them apart.
 *   - The result is the read's own: it may have got bytes before the cancel
 *     found it. If it was cancelled, its result is -ECANCELED.
 *
 * docs/time-and-cancel.md explains this and other ways. */
#include "read_within.h"

#include <errno.h>

int read_within(struct io_uring *ring, int pipe, char *buf, unsigned len,
                unsigned limit_ms)
{
    return -ENOSYS; /* yours */
}
