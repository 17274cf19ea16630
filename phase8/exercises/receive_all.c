/* receive_all: buffers that the kernel picks, and that you return.
 *
 * The task: write receive_all. receive_all.h has its contract.
 *
 *   - io_uring_prep_recv_multishot with no buffer, plus IOSQE_BUFFER_SELECT and
 *     sqe->buf_group, lets the kernel pick a buffer when bytes arrive.
 *   - The number of the buffer is cqe->flags >> IORING_CQE_BUFFER_SHIFT.
 *   - After use has the bytes, io_uring_buf_ring_add and
 *     io_uring_buf_ring_advance return the buffer. Do not return it earlier:
 *     the kernel may fill it immediately.
 *   - If no buffer is free, the receive ends with -ENOBUFS. No byte is lost:
 *     arm it again.
 *   - res 0 is the end of the input. Only F_MORE shows whether more CQEs
 *     come. */
#include "receive_all.h"

#include <errno.h>

int receive_all(struct io_uring *ring, int fd, struct pool *pool,
                void (*use)(const char *bytes, unsigned len))
{
    return -ENOSYS; /* yours */
}
