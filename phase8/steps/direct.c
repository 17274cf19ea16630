/* direct.c: sockets that are direct descriptors; see direct.h.
 * Introduced in phase 8. Needs: direct.h, op_error.h, sys.h, uring_compat.h.
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

#include "op_error.h"
#include "sys.h"
#include "uring_compat.h"

#define LISTENER 0 /* its slot */
#define BACKLOG 4096
#define TABLE_MAX 32768u /* slots; the kernel allows RLIMIT_NOFILE */

/* Of the table of this thread's ring. */
static _Thread_local unsigned slots, used;

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

    ur_prep_setsockopt(sqe, LISTENER, level, option, &one);
    sqe->flags |= IOSQE_FIXED_FILE;
    (void)run(step, ring, "set an option of the socket");
}

void direct_register(const struct step *step, struct ring *ring)
{
    uint64_t count = sys_open_files_max();

    if (count > TABLE_MAX)
        count = TABLE_MAX;
    step_must(step, io_uring_register_files_sparse(&ring->uring,
                                                   (unsigned)count),
              "register a table of files");
    slots = (unsigned)count;
}

/* Reads SO_ACCEPTCONN. The kernel has the operation for the level SOL_SOCKET
 * only. */
static bool is_listening(const struct step *step, struct ring *ring)
{
    struct io_uring_sqe *sqe = sqe_of(ring);
    int value = 0;

    ur_prep_setsockopt(sqe, LISTENER, SOL_SOCKET, SO_ACCEPTCONN, &value);
    sqe->off = UR_SOCKET_GETSOCKOPT; /* cmd_op */
    sqe->flags |= IOSQE_FIXED_FILE;
    (void)run(step, ring, "get an option of the socket");
    return value != 0;
}

/* Prints the address of the listener, which getsockname(2) reads from an
 * ordinary descriptor. */
static void print_address(const struct step *step, struct ring *ring)
{
    unsigned port;
    int fd;

    ur_prep_fd_install(sqe_of(ring), LISTENER);
    fd = run(step, ring, "install a descriptor");
    port = step_port(step, fd);
    (void)sys_close(fd);
    step_print_listening(port);
}

void direct_listen(const struct step *step, struct ring *ring)
{
    struct sockaddr_in address = step_address(step);
    struct io_uring_sqe *sqe;

    direct_register(step, ring);
    io_uring_prep_socket_direct(sqe_of(ring), AF_INET, SOCK_STREAM, 0,
                                LISTENER, 0);
    (void)run(step, ring, "make a socket");
    set_option(step, ring, SOL_SOCKET, SO_REUSEADDR);
    set_option(step, ring, IPPROTO_TCP, TCP_NODELAY); /* is inherited */
    sqe = sqe_of(ring);
    ur_prep_bind(sqe, LISTENER, (struct sockaddr *)&address,
                 sizeof address);
    sqe->flags |= IOSQE_FIXED_FILE;
    (void)run(step, ring, "bind the port");
    sqe = sqe_of(ring);
    ur_prep_listen(sqe, LISTENER, BACKLOG);
    sqe->flags |= IOSQE_FIXED_FILE;
    (void)run(step, ring, "listen");
    if (!is_listening(step, ring))
        step_must(step, -EINVAL, "listen");
    print_address(step, ring);
    used = 1;
}

/* A direct accept takes the client from the backlog before it looks for a slot,
 * and drops the client if the table is full. So a multishot accept, which does
 * not stop at the last slot, would lose clients. */
void direct_accept(struct step *step, struct ring *ring, uint64_t handle)
{
    struct io_uring_sqe *sqe;

    step->is_paused = used >= slots;
    if (step->is_paused)
        return;
    sqe = ring_sqe(ring, handle);
    io_uring_prep_accept(sqe, LISTENER, NULL, NULL, 0);
    sqe->flags |= IOSQE_FIXED_FILE;
    sqe->file_index = IORING_FILE_INDEX_ALLOC;
}

int direct_accepted(struct step *step, int result)
{
    step->is_paused = result < 0 && op_error_kind(IORING_OP_ACCEPT, result) ==
                                        ERROR_LIMIT;
    used += result >= 0;
    return result;
}

void direct_close(const struct step *step, struct ring *ring, int slot)
{
    io_uring_prep_close_direct(ring_sqe(ring, HANDLE_NONE), (unsigned)slot);
    used--;
    if (step->is_paused)
        step->accept(); /* runs after the close: SQEs start in their order */
}
