/* uring_setup.h: names that the headers of liburing 2.3 lack, for ring set-up.
 * Introduced in phase 2. Needs: nothing of ours; liburing 2.3 or newer.
 *
 * The rules of uring_compat.h apply here, too. To find out if the kernel has a
 * set-up flag, pass it to io_uring_setup(2), which refuses an unknown flag with
 * -EINVAL. */
#ifndef ONE_RING_URING_SETUP_H
#define ONE_RING_URING_SETUP_H

#include <liburing.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Set-up flags. The SQ of a ring with NO_SQARRAY has no array of indices.
 * liburing before 2.6 writes indices even so, and overwrites the heads and
 * tails of the ring. So make such a ring with ur_init, and submit with
 * ur_submit. */
#define UR_SETUP_NO_MMAP (1u << 14)            /* 6.5 */
#define UR_SETUP_REGISTERED_FD_ONLY (1u << 15) /* 6.5; needs NO_MMAP */
#define UR_SETUP_NO_SQARRAY (1u << 16)         /* 6.6 */
#define UR_SETUP_HYBRID_IOPOLL (1u << 17)      /* 6.13; needs IOPOLL */
#define UR_SETUP_CQE_MIXED (1u << 18)          /* 6.18 */
#define UR_SETUP_SQE_MIXED (1u << 19)          /* 6.19 */
#define UR_SETUP_SQ_REWIND (1u << 20)          /* 7.0; needs NO_SQARRAY */

/* Names for rings with CQE_MIXED or SQE_MIXED. A CQE with F_32 is followed by
 * 16 more bytes. A CQE with F_SKIP has no result: it fills the last entry of
 * the CQ if a 32-byte CQE does not fit there. */
#define UR_CQE_F_SKIP (1u << 5)
#define UR_CQE_F_32 (1u << 15)
#define UR_NOP_CQE32 (1u << 5) /* 6.18; in rw_flags of a NOP: 32-byte CQE */
enum { UR_OP_NOP128 = 63 };    /* 6.19 */

#define UR_REGISTER_QUERY 35u /* 6.18; needs no ring: pass -1 as its fd */

/* A query, as <linux/io_uring/query.h> defines it. The kernel writes at most
 * size bytes of the answer to the address data, and stores the number of
 * written bytes in size. */
enum { UR_QUERY_OPCODES = 0 };

struct ur_query {
    uint64_t next; /* address of another struct ur_query, or 0 */
    uint64_t data;
    uint32_t op;
    uint32_t size;
    int32_t result; /* 0, or -EOPNOTSUPP if the kernel does not know op */
    uint32_t reserved[3];
};

/* The answer to UR_QUERY_OPCODES. */
struct ur_query_opcodes {
    uint32_t ops;       /* number of IORING_OP_* */
    uint32_t registers; /* number of IORING_REGISTER_* */
    uint64_t features;  /* IORING_FEAT_* */
    uint64_t setup;     /* IORING_SETUP_* */
    uint64_t enter;     /* IORING_ENTER_* */
    uint64_t sqe;       /* IOSQE_* */
    uint32_t queries;   /* number of UR_QUERY_* */
    uint32_t reserved;
};

/* Makes a ring with NO_SQARRAY and the flags of params. Returns 0, or -errno
 * from io_uring_setup(2) or mmap(2). Release the ring with
 * io_uring_queue_exit. */
static inline int ur_init(struct io_uring *ring, unsigned sq,
                          struct io_uring_params *params)
{
    int fd, rc;

    params->flags |= UR_SETUP_NO_SQARRAY;
    fd = io_uring_setup(sq, params);
    if (fd < 0)
        return fd;
    rc = io_uring_queue_mmap(fd, params, ring);
    if (rc < 0)
        (void)close(fd);
    return rc;
}

/* Submits the SQEs of a ring with NO_SQARRAY, waits until the CQ holds
 * wait_count CQEs, and lets the kernel post completions. enter_flags are
 * further IORING_ENTER_* flags. Returns the number of SQEs that the kernel
 * took, or -errno from io_uring_enter(2). */
static inline int ur_submit(struct io_uring *ring, unsigned wait_count,
                            unsigned enter_flags)
{
    unsigned count = ring->sq.sqe_tail - ring->sq.sqe_head;

    ring->sq.sqe_head = ring->sq.sqe_tail;
    io_uring_smp_store_release(ring->sq.ktail, ring->sq.sqe_tail);
    return io_uring_enter((unsigned)ring->enter_ring_fd, count, wait_count,
                          IORING_ENTER_GETEVENTS | enter_flags, NULL);
}

/* Sets the memory of a ring with NO_MMAP. Each address is the start of a page.
 * The caller owns the memory at both addresses, and must not unmap it before
 * the ring is closed. */
static inline void ur_set_memory(struct io_uring_params *params, void *rings,
                                 void *sqes)
{
    uint64_t addresses[2] = {(uintptr_t)rings, (uintptr_t)sqes};

    /* The last member of both structs is user_addr, which liburing 2.3 calls
     * resv2. */
    memcpy((char *)(&params->cq_off + 1) - 8, &addresses[0], 8);
    memcpy((char *)(&params->sq_off + 1) - 8, &addresses[1], 8);
}

#endif
