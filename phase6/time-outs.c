/* time-outs.c: connect, receive, and close with a time limit, in two ways.
 * Introduced in phase 6. Needs: await.h, group.h, lab.h, loop.h.
 *
 * What it teaches: the same three limits with bare SQEs and with lib. A limit
 * of bare SQEs is a chain, and the program awaits the CQE of each link. In lib
 * a task sets a deadline, and the call that suspends returns -ETIME when the
 * operation has ended. docs/time-and-cancel.md explains both.
 *
 * The peers are real: a listener whose backlog is full, a socket whose peer
 * sends nothing, and a socket that is closed during a receive. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "await.h"
#include "group.h"
#include "lab.h"
#include "loop.h"

#define LIMIT_NS 30000000

/* The user_data of the SQEs. */
enum { CONNECT = 1, RECEIVE, CLOSE, LIMIT, CANCEL, LINKS_MAX = 3 };

static const char *const names[] = {
    [CONNECT] = "the connect", [RECEIVE] = "the receive",
    [CLOSE] = "the close",     [LIMIT] = "the limit",
    [CANCEL] = "the cancel",
};

/* One completion that the program predicts. */
struct expected {
    unsigned data;
    int res;
};

/* Takes the CQE of each SQE, and predicts the order and the results. */
static void expect(struct io_uring *ring, const struct expected *expected,
                   unsigned count)
{
    struct io_uring_cqe cqes[LINKS_MAX];
    char line[64];

    lab_take(ring, cqes, count);
    for (unsigned i = 0; i < count; i++) {
        bool is_it = cqes[i].user_data == expected[i].data;

        snprintf(line, sizeof line, "bare, CQE %u, %s", i + 1,
                 names[expected[i].data]);
        lab_result(line, expected[i].res, is_it ? cqes[i].res : -ENOMSG);
    }
}

static int tcp_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        return fd;
    perror("socket");
    exit(LAB_USAGE);
}

/* Makes a listener that never accepts, and fills its backlog: the kernel drops
 * further requests to connect without an answer. */
static int full_listener(struct sockaddr_in *address)
{
    socklen_t len = sizeof *address;
    int fd = tcp_socket();

    *address = (struct sockaddr_in){.sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)address, len) < 0 || listen(fd, 0) < 0 ||
        getsockname(fd, (struct sockaddr *)address, &len) < 0) {
        perror("listen");
        exit(LAB_USAGE);
    }
    for (int i = 0; i < 4; i++)
        (void)connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0),
                      (struct sockaddr *)address, len);
    return fd;
}

/* Returns true if the socket still tries to connect. */
static bool is_connecting(int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
           info.tcpi_state == TCP_SYN_SENT;
}

/* Returns true if the peer has seen the end within ms milliseconds. The kernel
 * closes the socket a moment after the last operation on it, so this function
 * has to wait. */
static bool sees_end(int peer, int ms)
{
    struct pollfd poll_peer = {.fd = peer, .events = POLLIN};

    return poll(&poll_peer, 1, ms) == 1;
}

/* Returns an SQE with this user_data. Each link of a chain needs a different
 * user_data, because the kernel uses it to find the operation to cancel. */
static struct io_uring_sqe *next(struct io_uring *ring, unsigned data)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_sqe_set_data64(sqe, data);
    return sqe;
}

/* After the cancel the socket still tries to connect, although no operation
 * waits for the connection. */
static void bare_connect(struct io_uring *ring, const struct sockaddr_in *to)
{
    const struct expected cqes[] = {{LIMIT, -ETIME}, {CONNECT, -ECANCELED}};
    struct __kernel_timespec limit = {.tv_nsec = LIMIT_NS};
    struct io_uring_sqe *sqe = next(ring, CONNECT);
    int fd = tcp_socket();

    io_uring_prep_connect(sqe, fd, (const struct sockaddr *)to, sizeof *to);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_prep_link_timeout(next(ring, LIMIT), &limit, 0);
    expect(ring, cqes, 2);
    lab_truth("bare, the socket still connects", true, is_connecting(fd));
    close(fd);
}

/* The program has to await both CQEs: the second ends the kernel's use of
 * buf. */
static void bare_receive(struct io_uring *ring, int fd)
{
    const struct expected cqes[] = {{LIMIT, -ETIME}, {RECEIVE, -ECANCELED}};
    struct __kernel_timespec limit = {.tv_nsec = LIMIT_NS};
    struct io_uring_sqe *sqe = next(ring, RECEIVE);
    char buf[16];

    io_uring_prep_recv(sqe, fd, buf, sizeof buf, 0);
    sqe->flags |= IOSQE_IO_LINK;
    io_uring_prep_link_timeout(next(ring, LIMIT), &limit, 0);
    expect(ring, cqes, 2);
}

/* Waits a while for the last bytes of the peer, and then closes the socket in
 * any case. A hard link does not break when the receive is cancelled. */
static void bare_close(struct io_uring *ring, const int pair[2])
{
    const struct expected cqes[] = {
        {LIMIT, -ETIME}, {RECEIVE, -ECANCELED}, {CLOSE, 0}};
    struct __kernel_timespec limit = {.tv_nsec = LIMIT_NS};
    struct io_uring_sqe *sqe = next(ring, RECEIVE);
    char buf[16];

    io_uring_prep_recv(sqe, pair[0], buf, sizeof buf, 0);
    sqe->flags |= IOSQE_IO_HARDLINK;
    sqe = next(ring, LIMIT);
    io_uring_prep_link_timeout(sqe, &limit, 0);
    sqe->flags |= IOSQE_IO_HARDLINK;
    io_uring_prep_close(next(ring, CLOSE), pair[0]);
    expect(ring, cqes, 3);
    lab_truth("bare, the peer sees the end", true, sees_end(pair[1], 10000));
}

/* A close that does not end the receive first: the receive still uses the
 * socket, so the kernel does not close the connection. */
static void bare_close_too_early(struct io_uring *ring, const int pair[2])
{
    const struct expected closed = {CLOSE, 0};
    const struct expected both[] = {{CANCEL, 0}, {RECEIVE, -ECANCELED}};
    char buf[16];

    io_uring_prep_recv(next(ring, RECEIVE), pair[0], buf, sizeof buf, 0);
    io_uring_prep_close(next(ring, CLOSE), pair[0]);
    expect(ring, &closed, 1);
    lab_truth("bare, the peer sees the end", false, sees_end(pair[1], 50));
    io_uring_prep_cancel64(next(ring, CANCEL), RECEIVE, 0);
    expect(ring, both, 2);
    lab_truth("bare, the peer sees the end", true, sees_end(pair[1], 10000));
}

/* The timer of the deadline is in user space. It needs no SQE and no CQE. */
static int connect_in_time(void *arg)
{
    int fd = tcp_socket(), rc;

    deadline_set_ns(LIMIT_NS);
    rc = await_connect(fd, arg, sizeof(struct sockaddr_in));
    deadline_clear();
    lab_result("lib, await_connect", -ETIME, rc);
    return await_close(fd);
}

/* The deadline is cleared in any case. Otherwise it would end a later call,
 * which has nothing to do with this receive. */
static int receive_in_time(void *arg)
{
    const int *pair = arg;
    char buf[16];
    int rc;

    deadline_set_ns(LIMIT_NS);
    rc = await_recv(pair[0], buf, sizeof buf, 0);
    deadline_clear();
    lab_result("lib, await_recv", -ETIME, rc);
    return 0;
}

/* When await_recv returns, the receive has ended, so buf may go out of
 * scope. */
static int receive_until_cancelled(void *arg)
{
    const int *pair = arg;
    char buf[16];
    int rc = await_recv(pair[0], buf, sizeof buf, 0);

    lab_result("lib, await_recv in another task", -ECANCELED, rc);
    return rc;
}

/* Another task receives. At the deadline the group cancels that task, and waits
 * until its receive has ended. This task closes the socket after that. */
static int close_in_time(void *arg)
{
    const int *pair = arg;
    struct group group = {0};
    struct group_task receiver;
    int rc;

    rc = group_spawn(&group, &receiver, "receiver", receive_until_cancelled,
                     arg);
    deadline_set_ns(LIMIT_NS);
    if (rc == 0)
        rc = group_await_all(&group);
    deadline_clear();
    lab_result("lib, group_await_all", -ETIME, rc);
    return await_close(pair[0]);
}

static void run(struct loop *loop, task_fn *fn, void *arg)
{
    lab_result("lib, the task", 0, loop_run(loop, fn, arg));
}

static void compare(struct io_uring *ring, struct loop *loop)
{
    struct sockaddr_in address;
    int listener = full_listener(&address), pairs[4][2];

    for (int i = 0; i < 4; i++)
        lab_sockets(pairs[i]);
    lab_print("connect to a listener with a full backlog, at most 30 ms");
    bare_connect(ring, &address);
    run(loop, connect_in_time, &address);
    lab_print("receive from a silent peer, at most 30 ms");
    bare_receive(ring, pairs[0][0]);
    run(loop, receive_in_time, pairs[0]);
    lab_print("close during a receive, after at most 30 ms");
    bare_close(ring, pairs[1]);
    run(loop, close_in_time, pairs[2]);
    lab_truth("lib, the peer sees the end", true, sees_end(pairs[2][1], 10000));
    lab_print("close during a receive, without ending the receive");
    bare_close_too_early(ring, pairs[3]);
    close(listener);
}

int main(int argc, char **argv)
{
    static struct loop loop;
    struct io_uring ring;
    int code = lab_options(argc, argv, "time-outs",
                           "What do time limits look like, bare and in lib?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 8, 0, 0) < 0 || loop_init(&loop, NULL) < 0)
        return LAB_USAGE;
    compare(&ring, &loop);
    loop_finish(&loop);
    io_uring_queue_exit(&ring);
    return lab_end();
}
