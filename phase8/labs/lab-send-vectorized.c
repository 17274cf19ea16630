/* lab-send-vectorized.c: a send of several parts without a msghdr.
 * Introduced in phase 8. Needs: lab.h, tcp.h, uring_buffers.h.
 *
 * What it teaches: SENDMSG needs a struct msghdr of 56 bytes, of which a
 * connected stream socket uses two fields. With SEND_VECTORIZED (6.17), SEND
 * and SEND_ZC take an array of parts instead of a buffer:
 *
 *      SENDMSG  addr -> msghdr -> parts -> bytes
 *      SEND     addr ------------> parts -> bytes     len: number of parts
 *
 * With SEND_ZC and a registered buffer, all parts must lie inside it. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"
#include "tcp.h"
#include "uring_buffers.h"

enum { PARTS = 3, TOO_MANY = 1025 };

static char status[] = "200 ", length[] = "5 ", body[] = "hello";

static int send_parts(struct io_uring *ring, int fd, const struct iovec *parts,
                      unsigned count)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;

    ur_prep_send_vectorized(sqe, fd, parts, count, MSG_WAITALL);
    lab_take(ring, &cqe, 1);
    return cqe.res;
}

static int send_message(struct io_uring *ring, int fd, struct iovec *parts,
                        unsigned count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;

    io_uring_prep_sendmsg(sqe, fd, &message, MSG_WAITALL);
    lab_take(ring, &cqe, 1);
    return cqe.res;
}

static void check_arrival(int fd)
{
    char got[16] = "";

    lab_result("bytes that arrive", 11, (int)recv(fd, got, 11, MSG_WAITALL));
    lab_text("the bytes", "200 5 hello", got);
}

int main(int argc, char **argv)
{
    static struct iovec many[TOO_MANY];
    struct iovec parts[PARTS] = {{status, 4}, {length, 2}, {body, 5}};
    struct io_uring ring;
    int fds[2], rc;
    int code = lab_options(argc, argv, "lab-send-vectorized",
                           "Can a send of several parts do without a msghdr?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    tcp_pair(fds);
    lab_print("SENDMSG with 3 parts");
    lab_result("the send", 11, send_message(&ring, fds[0], parts, PARTS));
    check_arrival(fds[1]);
    rc = send_parts(&ring, fds[0], parts, PARTS);
    if (rc == -EINVAL) {
        lab_absent("SEND_VECTORIZED", "the kernel does not know it (6.17)");
        return lab_end();
    }
    lab_print("SEND with 3 parts");
    lab_result("the send", 11, rc);
    check_arrival(fds[1]);
    lab_print("more parts than IOV_MAX");
    for (int i = 0; i < TOO_MANY; i++)
        many[i] = (struct iovec){body, 1};
    lab_result("SENDMSG", -EMSGSIZE,
               send_message(&ring, fds[0], many, TOO_MANY));
    lab_result("SEND", -EINVAL, send_parts(&ring, fds[0], many, TOO_MANY));
    io_uring_queue_exit(&ring);
    return lab_end();
}
