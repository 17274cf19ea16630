/* own_buffers: a window of reads, and a pool of buffers.
 *
 * What it teaches: a buffer changes its owner with the submit and with the
 * CQE. So the table of buffers says which pipe each of them is for. */
#include "own_buffers.h"

static void begin(struct io_uring *ring, int pipe, char *buf, unsigned buffer)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_read(sqe, pipe, buf, OWN_BUFFERS_LEN, 0);
    io_uring_sqe_set_data64(sqe, buffer);
}

int read_pipes(struct io_uring *ring, const int *pipes, unsigned count,
               char (*pool)[OWN_BUFFERS_LEN],
               void (*use)(unsigned number, const char *bytes, int result))
{
    unsigned number_of[OWN_BUFFERS_COUNT]; /* the pipe of each buffer */
    unsigned begun = 0, ended = 0;

    for (unsigned b = 0; b < OWN_BUFFERS_COUNT && begun < count; b++) {
        number_of[b] = begun;
        begin(ring, pipes[begun++], pool[b], b);
    }
    while (ended < count) {
        struct io_uring_cqe *cqe;
        unsigned buffer;
        int rc = io_uring_submit(ring);

        if (rc >= 0)
            rc = io_uring_wait_cqe(ring, &cqe);
        if (rc < 0)
            return rc;
        buffer = (unsigned)cqe->user_data;
        use(number_of[buffer], pool[buffer], cqe->res);
        io_uring_cqe_seen(ring, cqe);
        ended++;
        if (begun < count) {
            number_of[buffer] = begun;
            begin(ring, pipes[begun++], pool[buffer], buffer);
        }
    }
    return 0;
}
