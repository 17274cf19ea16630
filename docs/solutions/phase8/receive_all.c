/* receive_all: buffers that the kernel picks, and that you return.
 *
 * What it teaches: an idle connection holds no buffer, and an empty pool is a
 * pause and not an error. */
#include "receive_all.h"

#include <errno.h>

static int arm(struct io_uring *ring, int fd)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = RECEIVE_GROUP;
    return io_uring_submit(ring);
}

/* Only after use() has returned: the kernel may fill the buffer at once. */
static void release(struct pool *pool, unsigned number)
{
    io_uring_buf_ring_add(pool->shared, pool->buffers[number], RECEIVE_LEN,
                          (unsigned short)number,
                          io_uring_buf_ring_mask(pool->count), 0);
    io_uring_buf_ring_advance(pool->shared, 1);
}

int receive_all(struct io_uring *ring, int fd, struct pool *pool,
                void (*use)(const char *bytes, unsigned len))
{
    unsigned flags = 0;

    for (;;) {
        struct io_uring_cqe *cqe;
        int rc = 0, result;

        if (!(flags & IORING_CQE_F_MORE))
            rc = arm(ring, fd);
        if (rc >= 0)
            rc = io_uring_wait_cqe(ring, &cqe);
        if (rc < 0)
            return rc;
        result = cqe->res;
        flags = cqe->flags;
        io_uring_cqe_seen(ring, cqe);
        if (flags & IORING_CQE_F_BUFFER) {
            unsigned number = flags >> IORING_CQE_BUFFER_SHIFT;

            if (result > 0)
                use(pool->buffers[number], (unsigned)result);
            release(pool, number);
        }
        if (result == 0 || (result < 0 && result != -ENOBUFS))
            return result;
    }
}
