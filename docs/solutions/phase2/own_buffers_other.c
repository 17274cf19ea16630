/* own_buffers: the same as own_buffers.c, in another way: a stack of free
 * buffers, and both numbers in user_data. */
#include "own_buffers.h"

int read_pipes(struct io_uring *ring, const int *pipes, unsigned count,
               char (*pool)[OWN_BUFFERS_LEN],
               void (*use)(unsigned number, const char *bytes, int result))
{
    unsigned free_list[OWN_BUFFERS_COUNT] = {0, 1, 2, 3}, free_count = 4;
    unsigned next = 0;

    while (next < count || free_count < OWN_BUFFERS_COUNT) {
        struct io_uring_cqe *cqe;
        int rc;

        for (; next < count && free_count > 0; next++) {
            struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
            uint64_t buffer = free_list[--free_count];

            io_uring_prep_read(sqe, pipes[next], pool[buffer],
                               OWN_BUFFERS_LEN, 0);
            io_uring_sqe_set_data64(sqe, (uint64_t)next << 32 | buffer);
        }
        rc = io_uring_submit_and_wait(ring, 1);
        if (rc < 0)
            return rc;
        while (io_uring_peek_cqe(ring, &cqe) == 0) {
            unsigned buffer = (unsigned)cqe->user_data;

            use((unsigned)(cqe->user_data >> 32), pool[buffer], cqe->res);
            free_list[free_count++] = buffer;
            io_uring_cqe_seen(ring, cqe);
        }
    }
    return 0;
}
