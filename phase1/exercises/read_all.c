/* read_all: resume a short read.
 *
 * The task: write read_all. read_all.h has its contract.
 *
 *   - A read may return fewer bytes than you requested. That is neither an
 *     error nor the end of the file. Continue after the bytes that you have.
 *   - A read returns 0 at the end of the file.
 *   - A read at an offset does not move a position. So the next read needs the
 *     next offset. A stream has no offset: it always gets READ_ALL_STREAM.
 *   - Mark each CQE as seen.
 *
 * Only the ring may read: the checker traps read and pread. */
#include "read_all.h"

#include <errno.h>

int read_all(struct io_uring *ring, int fd, char *buf, unsigned len,
             uint64_t offset)
{
    return -ENOSYS; /* yours */
}
