/* receive_all: the same as receive_all.c, in another way: it looks at all
 * results of an iteration, and returns their buffers together. */
#include "receive_all.h"

#include <errno.h>
#include <stdbool.h>

int receive_all(struct io_uring *ring, int fd, struct pool *pool,
                void (*use)(const char *bytes, unsigned len))
{
    bool is_armed = false;

    for (;;) {
        struct io_uring_cqe *cqe;
        unsigned head, seen = 0, freed = 0;
        int end = 1;

        if (!is_armed) {
            struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

            io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
            io_uring_sqe_set_flags(sqe, IOSQE_BUFFER_SELECT);
            sqe->buf_group = RECEIVE_GROUP;
        }
        is_armed = true;
        io_uring_submit_and_wait(ring, 1);
        io_uring_for_each_cqe(ring, head, cqe) {
            unsigned short number =
                (unsigned short)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);

            seen++;
            if (!(cqe->flags & IORING_CQE_F_MORE))
                is_armed = false;
            if (cqe->res > 0)
                use(pool->buffers[number], (unsigned)cqe->res);
            else if (cqe->res != -ENOBUFS)
                end = cqe->res;
            if (cqe->flags & IORING_CQE_F_BUFFER)
                io_uring_buf_ring_add(pool->shared, pool->buffers[number],
                                      RECEIVE_LEN, number,
                                      (int)pool->count - 1, (int)freed++);
        }
        io_uring_buf_ring_cq_advance(ring, pool->shared, (int)freed);
        io_uring_cq_advance(ring, seen - freed);
        if (end <= 0)
            return end;
    }
}
