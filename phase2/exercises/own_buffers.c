/* own_buffers: a window of reads, and a pool of buffers.
 *
 * The task: write read_pipes. own_buffers.h has its contract.
 *
 *   - From submit until its CQE, the kernel owns the buffer of a read. A buffer
 *     is free only after its CQE has arrived and use() has returned.
 *   - Reads complete in any order. So the next read takes the buffer that has
 *     become free, and not the buffer "number % 4".
 *   - user_data has room for both numbers: the pipe's and the buffer's.
 *   - Keep the window full: when one read has completed, start the next one. Do
 *     not wait for all four. */
#include "own_buffers.h"

#include <errno.h>

int read_pipes(struct io_uring *ring, const int *pipes, unsigned count,
               char (*pool)[OWN_BUFFERS_LEN],
               void (*use)(unsigned number, const char *bytes, int result))
{
    return -ENOSYS; /* yours */
}
