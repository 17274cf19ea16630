/* send_promised: a Content-Length is a promise.
 *
 * What it teaches: the promise bounds every read, and only a read of 0 breaks
 * it. */
#include "send_promised.h"

#include <errno.h>
#include <sys/socket.h>

#define BLOCK_LEN 16384

static int complete(struct io_uring *ring)
{
    struct io_uring_cqe *cqe;
    int result = io_uring_submit(ring);

    if (result >= 0)
        result = io_uring_wait_cqe(ring, &cqe);
    if (result < 0)
        return result;
    result = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return result;
}

static int send_all(struct io_uring *ring, int sock, const char *block,
                    unsigned len)
{
    unsigned done = 0;

    while (done < len) {
        int result;

        io_uring_prep_send(io_uring_get_sqe(ring), sock, block + done,
                           len - done, MSG_NOSIGNAL);
        result = complete(ring);
        if (result < 0)
            return result;
        done += (unsigned)result;
    }
    return 0;
}

int send_promised(struct io_uring *ring, int file, int sock,
                  uint64_t promised)
{
    static char block[BLOCK_LEN];
    uint64_t offset = 0;

    while (offset < promised) {
        uint64_t left = promised - offset;
        int got, rc;

        io_uring_prep_read(io_uring_get_sqe(ring), file, block,
                           left < BLOCK_LEN ? (unsigned)left : BLOCK_LEN,
                           offset);
        got = complete(ring);
        if (got == 0)
            return -ENODATA;
        if (got < 0)
            return got;
        rc = send_all(ring, sock, block, (unsigned)got);
        if (rc < 0)
            return rc;
        offset += (unsigned)got;
    }
    return 0;
}
