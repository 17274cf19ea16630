/* direct.c: a listening socket that is a direct descriptor; see direct.h.
 * Introduced in phase 8. Needs: direct.h, sys.h, uring_compat.h.
 *
 * What it teaches: the operations that replace socket(2), setsockopt(2),
 * bind(2), listen(2), and getsockopt(2), on a slot of the ring's table.
 *
 *      SOCKET -> slot 0 --> SETSOCKOPT --> BIND --> LISTEN --> GETSOCKOPT
 *                  |
 *                  +--> FIXED_FD_INSTALL -> fd: getsockname(2), close(2)
 *
 * Other system calls do not know slots. FIXED_FD_INSTALL makes an ordinary
 * descriptor for them. The socket is then open twice. */
#include "direct.h"

#include <errno.h>
#include <netinet/tcp.h>

#include "sys.h"
#include "uring_compat.h"

#define BACKLOG 4096
#define TABLE_MAX 32768u /* slots; the kernel allows RLIMIT_NOFILE */

/* Submits the one SQE that is prepared, and waits for it. Returns its result.
 * Exits after printing a message if that is an error. */
static int run(const struct step *step, struct ring *ring, const char *what)
{
    struct io_uring_cqe cqe;

    while (!ring_next(ring, &cqe))
        step_must(step, ring_enter(ring, 1, RING_FOREVER), what);
    return step_must(step, cqe.res, what);
}

static struct io_uring_sqe *sqe_of(struct ring *ring)
{
    return ring_sqe(ring, 1); /* any handle: one SQE is in flight */
}

static void set_option(const struct step *step, struct ring *ring, int level,
                       int option)
{
    struct io_uring_sqe *sqe = sqe_of(ring);
    int one = 1;

    ur_prep_setsockopt(sqe, DIRECT_LISTENER, level, option, &one);
    sqe->flags |= IOSQE_FIXED_FILE;
    (void)run(step, ring, "set an option of the socket");
}

unsigned direct_register(const struct step *step, struct ring *ring)
{
    uint64_t count = sys_open_files_max();

    if (count > TABLE_MAX)
        count = TABLE_MAX;
    step_must(step, io_uring_register_files_sparse(&ring->uring,
                                                   (unsigned)count),
              "register a table of files");
    return (unsigned)count;
}

/* Reads SO_ACCEPTCONN. The kernel has the operation for the level SOL_SOCKET
 * only. */
static bool is_listening(const struct step *step, struct ring *ring)
{
    struct io_uring_sqe *sqe = sqe_of(ring);
    int value = 0;

    ur_prep_setsockopt(sqe, DIRECT_LISTENER, SOL_SOCKET, SO_ACCEPTCONN, &value);
    sqe->off = UR_SOCKET_GETSOCKOPT; /* cmd_op */
    sqe->flags |= IOSQE_FIXED_FILE;
    (void)run(step, ring, "get an option of the socket");
    return value != 0;
}

/* Prints the address of the listener, which getsockname(2) reads from an
 * ordinary descriptor. */
static void print_address(const struct step *step, struct ring *ring)
{
    int fd;

    ur_prep_fd_install(sqe_of(ring), DIRECT_LISTENER);
    fd = run(step, ring, "install a descriptor");
    step_print_listening(step, fd);
    (void)sys_close(fd);
}

void direct_listen(const struct step *step, struct ring *ring)
{
    struct sockaddr_in address = step_address(step);
    struct io_uring_sqe *sqe;

    io_uring_prep_socket_direct(sqe_of(ring), AF_INET, SOCK_STREAM, 0,
                                DIRECT_LISTENER, 0);
    (void)run(step, ring, "make a socket");
    set_option(step, ring, SOL_SOCKET, SO_REUSEADDR);
    set_option(step, ring, IPPROTO_TCP, TCP_NODELAY); /* is inherited */
    sqe = sqe_of(ring);
    ur_prep_bind(sqe, DIRECT_LISTENER, (struct sockaddr *)&address,
                 sizeof address);
    sqe->flags |= IOSQE_FIXED_FILE;
    (void)run(step, ring, "bind the port");
    sqe = sqe_of(ring);
    ur_prep_listen(sqe, DIRECT_LISTENER, BACKLOG);
    sqe->flags |= IOSQE_FIXED_FILE;
    (void)run(step, ring, "listen");
    if (!is_listening(step, ring))
        step_must(step, -EINVAL, "listen");
    print_address(step, ring);
}
