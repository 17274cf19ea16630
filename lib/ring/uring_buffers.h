/* uring_buffers.h: names that the headers of liburing 2.3 lack, for buffers.
 * Introduced in phase 8. Needs: uring_compat.h.
 *
 * The rules of uring_compat.h apply here, too. The structs have the layout of
 * <linux/io_uring.h>. Fields named reserved must be 0: with another value the
 * kernel returns -EINVAL. */
#ifndef ONE_RING_URING_BUFFERS_H
#define ONE_RING_URING_BUFFERS_H

#include <liburing.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#include "uring_compat.h"

/* A flag of io_uring_buf_reg.pad (6.4): the kernel allocates the buffer ring.
 * To access the buffer ring, map the io_uring's descriptor at the offset that
 * ur_buf_ring_offset returns. */
#define UR_PBUF_RING_MMAP 1u

static inline int64_t ur_buf_ring_offset(int group)
{
    return INT64_C(0x80000000) | (int64_t)group << 16;
}

/* The argument of UR_REGISTER_PBUF_STATUS (6.8). */
struct ur_buf_status {
    uint32_t group;
    uint32_t head; /* set by the kernel: entries that it has taken */
    uint32_t reserved[8];
};
_Static_assert(sizeof(struct ur_buf_status) == 40, "io_uring_buf_status");

/* UR_REGISTER_CLONE_BUFFERS (6.12; offsets and flags 6.13) gives a ring the
 * registered buffers of another ring. struct ur_clone_buffers is its
 * argument. */
#define UR_REGISTER_CLONE_BUFFERS 30u
#define UR_CLONE_DST_REPLACE 2u /* replaces buffers that the ring has */

struct ur_clone_buffers {
    uint32_t src_fd;
    uint32_t flags;
    uint32_t src_offset; /* index of the first buffer, in the other ring */
    uint32_t dst_offset; /* the index of that buffer in this ring */
    uint32_t count;      /* 0: all */
    uint32_t reserved[3];
};
_Static_assert(sizeof(struct ur_clone_buffers) == 32,
               "io_uring_clone_buffers");

/* A flag for the field ioprio of a send (6.17). With it, addr and len describe
 * an array of iovecs. */
#define UR_SEND_VECTORIZED (1u << 5)

/* Prepares a send of count parts. The parts and their bytes must stay valid
 * until the terminal CQE. */
static inline void ur_prep_send_vectorized(struct io_uring_sqe *sqe, int fd,
                                           const struct iovec *parts,
                                           unsigned count, int flags)
{
    io_uring_prep_send(sqe, fd, parts, count, flags);
    sqe->ioprio |= UR_SEND_VECTORIZED;
}

/* Prepares epoll_wait(2) (6.15). The operation completes when there is an
 * event. The result is the number of events, at most max. */
static inline void ur_prep_epoll_wait(struct io_uring_sqe *sqe, int epoll_fd,
                                      struct epoll_event *events, unsigned max)
{
    io_uring_prep_rw(UR_OP_EPOLL_WAIT, sqe, epoll_fd, events, max, 0);
}

#endif
