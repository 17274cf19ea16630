/* many_nops: a submission queue that is full.
 *
 * The task: write many_nops. many_nops.h has its contract.
 *
 *   - The SQ has only a few entries. When it is full, io_uring_get_sqe returns
 *     NULL. A submit makes room.
 *   - Do not submit each SQE by itself: that is one system call per nop.
 *   - The CQ is only twice as long as the SQ. Take results between submits.
 *   - Call done for a nop when its CQE has arrived, not when you submit it. */
#include "many_nops.h"

#include <errno.h>

int many_nops(struct io_uring *ring, unsigned count,
              void (*done)(uint64_t number))
{
    return -ENOSYS; /* yours */
}
