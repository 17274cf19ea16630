/* read_all: resume a short read.
 *
 * What it teaches: only a result of 0 is the end of a file. Everything between
 * 0 and the request is progress. */
#include "read_all.h"

static int read_once(struct io_uring *ring, int fd, char *buf, unsigned len,
                     uint64_t offset)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe *cqe;
    int result;

    io_uring_prep_read(sqe, fd, buf, len, offset);
    result = io_uring_submit(ring);
    if (result >= 0)
        result = io_uring_wait_cqe(ring, &cqe);
    if (result < 0)
        return result;
    result = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return result;
}

int read_all(struct io_uring *ring, int fd, char *buf, unsigned len,
             uint64_t offset)
{
    unsigned done = 0;

    while (done < len) {
        uint64_t at = offset == READ_ALL_STREAM ? offset : offset + done;
        int result = read_once(ring, fd, buf + done, len - done, at);

        if (result < 0)
            return result;
        if (result == 0)
            break;
        done += (unsigned)result;
    }
    return (int)done;
}
