/* uring_compat.h: names that the headers of liburing 2.3 lack.
 * Introduced in phase 0. Needs: nothing.
 *
 * The kernel is often newer than liburing's header: Debian 12 ships liburing
 * 2.3, the oldest version that works. An opcode is only a number in an SQE, so
 * a program can use an opcode that the header does not name. These are the
 * rules:
 *
 *  - The names have the prefix UR (UR_OP_BIND). liburing's opcodes are enum
 *    constants, which #ifndef does not see. A second definition with the same
 *    name would break the build with a newer library.
 *  - Call probe_has_op to find out if the kernel has an opcode.
 *  - If liburing 2.3 has no name for a field of the SQE, the code uses a field
 *    at the same offset, and a comment names the newer field.
 *
 * ur_prep_* fill an SQE in the same way as io_uring_prep_* of liburing. Call
 * them on a zeroed SQE. The kernel owns the memory that the SQE points to until
 * the operation's terminal CQE. */
#ifndef ONE_RING_URING_COMPAT_H
#define ONE_RING_URING_COMPAT_H

#include <liburing.h>
#include <string.h>
#include <sys/wait.h>

/* Opcodes. A comment names the first kernel that has the opcode. */
enum ur_op {
    UR_OP_READ_MULTISHOT = 49,   /* 6.7 */
    UR_OP_WAITID = 50,           /* 6.7 */
    UR_OP_FUTEX_WAIT = 51,       /* 6.7 */
    UR_OP_FUTEX_WAKE = 52,       /* 6.7 */
    UR_OP_FUTEX_WAITV = 53,      /* 6.7 */
    UR_OP_FIXED_FD_INSTALL = 54, /* 6.8 */
    UR_OP_FTRUNCATE = 55,        /* 6.9 */
    UR_OP_BIND = 56,             /* 6.11 */
    UR_OP_LISTEN = 57,           /* 6.11 */
    UR_OP_RECV_ZC = 58,          /* 6.15 */
    UR_OP_EPOLL_WAIT = 59,       /* 6.15 */
    UR_OP_READV_FIXED = 60,      /* 6.15 */
    UR_OP_WRITEV_FIXED = 61,     /* 6.15 */
    UR_OP_PIPE = 62,             /* 6.16 */
};

/* Features: io_uring_setup returns them in params.features. */
#define UR_FEAT_REG_REG_RING (1u << 13)    /* 6.3 */
#define UR_FEAT_RECVSEND_BUNDLE (1u << 14) /* 6.10 */
#define UR_FEAT_MIN_TIMEOUT (1u << 15)     /* 6.12 */

/* Flags of operations, completions and registrations. */
#define UR_TIMEOUT_MULTISHOT (1u << 6)      /* 6.4; timeout_flags */
#define UR_RECVSEND_BUNDLE (1u << 4)        /* 6.10; ioprio */
#define UR_SEND_ZC_REPORT_USAGE (1u << 3)   /* 6.2; ioprio */
#define UR_NOTIF_USAGE_ZC_COPIED (1u << 31) /* in the notification's res */
#define UR_ACCEPT_POLL_FIRST (1u << 2)      /* 6.10; ioprio */
#define UR_CQE_F_BUF_MORE (1u << 4)         /* 6.12; buffer gets more data */
#define UR_PBUF_RING_INC 2u                 /* 6.12; io_uring_buf_reg.pad */
#define UR_NOP_INJECT_RESULT (1u << 0)      /* 6.10; rw_flags */
#define UR_ENTER_ABS_TIMER (1u << 5)        /* 6.12 */

/* Register opcodes. */
#define UR_REGISTER_PBUF_STATUS 26u                /* 6.8 */
#define UR_REGISTER_CLOCK 29u                      /* 6.12 */
#define UR_REGISTER_RESIZE_RINGS 33u               /* 6.13 */
#define UR_REGISTER_USE_REGISTERED_RING (1u << 31) /* 6.3 */

/* Socket commands for IORING_OP_URING_CMD. */
enum ur_socket_op {
    UR_SOCKET_SIOCINQ = 0,    /* 6.7 */
    UR_SOCKET_SIOCOUTQ = 1,   /* 6.7 */
    UR_SOCKET_GETSOCKOPT = 2, /* 6.7 */
    UR_SOCKET_SETSOCKOPT = 3, /* 6.7 */
};

/* Prepares bind(2) or listen(2). */
static inline void ur_prep_bind(struct io_uring_sqe *sqe, int fd,
                                const struct sockaddr *address, socklen_t len)
{
    io_uring_prep_rw(UR_OP_BIND, sqe, fd, address, 0, len);
}

static inline void ur_prep_listen(struct io_uring_sqe *sqe, int fd, int backlog)
{
    io_uring_prep_rw(UR_OP_LISTEN, sqe, fd, NULL, (unsigned)backlog, 0);
}

/* Prepares a multishot read into buffers of group; len must be 0. Works for
 * files that can be polled (pipes, sockets). A read of a regular file fails
 * with -EBADFD. */
static inline void ur_prep_read_multishot(struct io_uring_sqe *sqe, int fd,
                                          unsigned len, uint64_t offset,
                                          uint16_t group)
{
    io_uring_prep_rw(UR_OP_READ_MULTISHOT, sqe, fd, NULL, len, offset);
    sqe->buf_group = group;
    sqe->flags = IOSQE_BUFFER_SELECT;
}

/* Prepares waitid(2). *info is valid after the completion; info may be NULL. */
static inline void ur_prep_waitid(struct io_uring_sqe *sqe, idtype_t type,
                                  id_t id, siginfo_t *info, int options)
{
    io_uring_prep_rw(UR_OP_WAITID, sqe, (int)id, NULL, (unsigned)type, 0);
    sqe->file_index = (uint32_t)options;
    sqe->addr2 = (uint64_t)(uintptr_t)info;
}

/* Prepares to install a registered file as an ordinary fd (close-on-exec). */
static inline void ur_prep_fd_install(struct io_uring_sqe *sqe, int index)
{
    io_uring_prep_rw(UR_OP_FIXED_FD_INSTALL, sqe, index, NULL, 0, 0);
    sqe->flags = IOSQE_FIXED_FILE;
}

/* Prepares ftruncate(2) to size bytes. */
static inline void ur_prep_ftruncate(struct io_uring_sqe *sqe, int fd,
                                     uint64_t size)
{
    io_uring_prep_rw(UR_OP_FTRUNCATE, sqe, fd, NULL, 0, size);
}

/* Prepares pipe2(2). fds is valid after the completion. */
static inline void ur_prep_pipe(struct io_uring_sqe *sqe, int fds[2], int flags)
{
    io_uring_prep_rw(UR_OP_PIPE, sqe, 0, fds, 0, 0);
    sqe->rw_flags = flags; /* pipe_flags */
}

/* Prepares setsockopt(2). *value must stay valid until the completion. */
static inline void ur_prep_setsockopt(struct io_uring_sqe *sqe, int fd,
                                      int level, int option, int *value)
{
    uint32_t names[2] = {(uint32_t)level, (uint32_t)option};

    io_uring_prep_rw(IORING_OP_URING_CMD, sqe, fd, NULL, 0,
                     UR_SOCKET_SETSOCKOPT);
    memcpy(&sqe->addr, names, sizeof names); /* level, optname */
    sqe->file_index = sizeof *value;         /* optlen */
    sqe->addr3 = (uint64_t)(uintptr_t)value; /* optval */
}

/* Prepares a NOP that completes with result, for tests of errors (6.10). */
static inline void ur_prep_nop_result(struct io_uring_sqe *sqe, int result)
{
    io_uring_prep_rw(IORING_OP_NOP, sqe, -1, NULL, (unsigned)result, 0);
    sqe->rw_flags = UR_NOP_INJECT_RESULT; /* nop_flags */
}

#endif
