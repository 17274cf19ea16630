/* await_net.c: socket operations as function calls; see await.h.
 * Introduced in phase 3. Needs: await.h, operation.h.
 *
 * What it teaches: a socket does not need O_NONBLOCK here. The kernel waits
 * until the socket is ready, and completes the operation with a result instead
 * of -EAGAIN. */
#include "await.h"

#include <assert.h>
#include <errno.h>

#include "operation.h"

int await_accept(int fd, struct sockaddr *address, socklen_t *len)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_accept(sqe, fd, address, len, SOCK_CLOEXEC);
    return await_result(&await);
}

int await_connect(int fd, const struct sockaddr *address, socklen_t len)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_connect(sqe, fd, address, len);
    return await_result(&await);
}

int await_recv(int fd, void *buf, size_t len, int flags)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_recv(sqe, fd, buf, len, flags);
    return await_result_of(&await, buf, len);
}

int await_send(int fd, const void *buf, size_t len, int flags)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    assert(len <= AWAIT_LEN_MAX);
    io_uring_prep_send(sqe, fd, buf, len, flags | MSG_NOSIGNAL);
    return await_result(&await);
}

int await_sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_sendmsg(sqe, fd, message, (unsigned)flags | MSG_NOSIGNAL);
    return await_result(&await);
}

int await_recvmsg(int fd, struct msghdr *message, int flags)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_recvmsg(sqe, fd, message, (unsigned)flags);
    return await_result(&await);
}

int await_shutdown(int fd, int how)
{
    struct await await;
    struct io_uring_sqe *sqe = await_start(&await);

    io_uring_prep_shutdown(sqe, fd, how);
    return await_result(&await);
}

int await_send_all(int fd, const void *buf, size_t len)
{
    const char *next = buf;

    while (len > 0) {
        size_t part = len < AWAIT_LEN_MAX ? len : AWAIT_LEN_MAX;
        int sent = await_send(fd, next, part, MSG_WAITALL);

        if (sent < 0)
            return sent;
        if (sent == 0)
            return -EIO; /* a send of 0 bytes has no errno */
        next += sent;
        len -= (size_t)sent;
    }
    return 0;
}
