/* send_promised: the same as send_promised.c, in another way: it reads again
 * from where the last send has ended, and lets the kernel send whole blocks
 * (MSG_WAITALL). */
#include "send_promised.h"

#include <errno.h>
#include <sys/socket.h>

int send_promised(struct io_uring *ring, int file, int sock,
                  uint64_t promised)
{
    char block[4096];
    uint64_t sent = 0;
    int result = 1, step = 0; /* 0: a read, 1: a send */

    for (; sent < promised; step = !step) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
        struct io_uring_cqe *cqe;
        uint64_t left = promised - sent;

        if (step == 0)
            io_uring_prep_read(sqe, file, block,
                               left < 4096 ? (unsigned)left : 4096, sent);
        else
            io_uring_prep_send(sqe, sock, block, (size_t)result,
                               MSG_NOSIGNAL | MSG_WAITALL);
        io_uring_submit_and_wait(ring, 1);
        while (io_uring_wait_cqe(ring, &cqe) == -EINTR)
            ;
        result = cqe->res;
        io_uring_cqe_seen(ring, cqe);
        if (result < 0)
            return result;
        if (result == 0)
            return -ENODATA;
        if (step == 1)
            sent += (unsigned)result;
    }
    return 0;
}
