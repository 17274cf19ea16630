/* lab-sock-nonempty.c: does a socket have more data than a receive returns?
 * Introduced in phase 8. Needs: lab.h, tcp.h.
 *
 * What it teaches: the CQE of a receive (5.19) or accept (5.19) can have the
 * flag IORING_CQE_F_SOCK_NONEMPTY:
 *
 *      10 bytes in the socket, receive 4 -->  4, NONEMPTY
 *                              receive 4 -->  4, NONEMPTY
 *                              receive 4 -->  2            nothing is left
 *
 * Without the flag, a program that wants to know if there is more must receive
 * once more. A full buffer does not show it: the socket may be empty then. The
 * flag is a snapshot. The next data may arrive a moment later. */
#include <unistd.h>

#include "lab.h"
#include "tcp.h"

/* Receives up to len bytes, and predicts their number and the flag. */
static void receive(struct io_uring *ring, int fd, unsigned len, int result,
                    bool is_nonempty)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;
    char buf[64];

    io_uring_prep_recv(sqe, fd, buf, len, 0);
    lab_take(ring, &cqe, 1);
    lab_result("bytes", result, cqe.res);
    lab_truth("NONEMPTY", is_nonempty,
              (cqe.flags & IORING_CQE_F_SOCK_NONEMPTY) != 0);
}

static void accept_one(struct io_uring *ring, int listener, bool is_nonempty)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe cqe;

    io_uring_prep_accept(sqe, listener, NULL, NULL, 0);
    lab_take(ring, &cqe, 1);
    lab_truth("an accept", true, cqe.res >= 0);
    lab_truth("NONEMPTY", is_nonempty,
              (cqe.flags & IORING_CQE_F_SOCK_NONEMPTY) != 0);
    close(cqe.res);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fds[2], listener;
    int code = lab_options(argc, argv, "lab-sock-nonempty",
                           "Does a socket have more data than a receive "
                           "returns?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    tcp_pair(fds);
    lab_print("10 bytes, received 4 at a time");
    if (write(fds[0], "ten bytes.", 10) != 10)
        return LAB_USAGE;
    receive(&ring, fds[1], 4, 4, true);
    receive(&ring, fds[1], 4, 4, true);
    receive(&ring, fds[1], 4, 2, false);
    lab_print("4 bytes, which fill the buffer");
    if (write(fds[0], "four", 4) != 4)
        return LAB_USAGE;
    receive(&ring, fds[1], 4, 4, false);
    lab_print("2 clients in the backlog");
    listener = tcp_listen();
    (void)tcp_connect(listener);
    (void)tcp_connect(listener);
    accept_one(&ring, listener, true);
    accept_one(&ring, listener, false);
    io_uring_queue_exit(&ring);
    return lab_end();
}
