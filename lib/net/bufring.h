/* bufring.h: receive buffers that the kernel picks when data has come.
 * Introduced in phase 8. Needs: queue.h, ring.h.
 *
 *               bufring_init, bufring_release
 *     MINE  -------------------------------------->  KERNEL
 *           <--------------------------------------
 *               a CQE with IORING_CQE_F_BUFFER: bufring_take
 *
 * A connection that waits for data needs no buffer, only one that has data.
 * With a buffer for each receive, ten thousand idle connections hold ten
 * thousand buffers; here they share a pool whose size has nothing to do with
 * their number.
 *
 * Rules
 *  - Do take the buffer of every CQE that has one, before looking at its
 *    result.
 *  - Do release each buffer exactly once: asserted.
 *  - When the pool is empty a receive ends with -ENOBUFS. Do not try again at
 *    once, or after a while: if bufring_free_count is 0, wait (bufring_wait)
 *    until a buffer comes back. One waiter is woken for each.
 *  - Being woken does not reserve a buffer. A waiter that does not need one any
 *    more calls bufring_wake_next(), so that the next waiter runs.
 *
 * Source: io_uring_register_buf_ring(3), io_uring_buf_ring_add(3). */
#ifndef ONE_RING_BUFRING_H
#define ONE_RING_BUFRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue.h"
#include "ring.h"

#define BUFRING_COUNT_MAX 32768u

/* What we know of a buffer; the owner of a MINE one may use next and len. */
struct bufring_entry {
    uint32_t len;
    uint16_t next;
    bool is_mine;
};

struct bufring_waiter {
    struct queue_node node;
    void (*wake)(struct bufring_waiter *waiter); /* must not suspend */
};

/* How the kernel can be asked to fill buffers, the best first. */
enum bufring_receive {
    BUFRING_LIMITED,   /* multishot, until so many bytes have come (6.17) */
    BUFRING_MULTISHOT, /* multishot (6.0) */
    BUFRING_SINGLE     /* one buffer at a time */
};

struct bufring {
    struct ring *ring;                /* borrowed */
    struct io_uring_buf_ring *shared; /* owned; the kernel reads it */
    char *memory;                  /* owned: count buffers of buf_len bytes */
    struct bufring_entry *entries; /* owned */
    unsigned count, mine_count;
    size_t buf_len;
    size_t mapped_len;
    int group;
    enum bufring_receive receive; /* what this kernel has not refused */
    struct queue waiters;
    uint64_t empty_count; /* receives that found no buffer; for who asks */
};

/* Makes count (rounded up to 2^n) buffers of buf_len bytes and gives them to
 * the kernel as the given group.
 *
 * Returns 0; -ENOMEM; -EEXIST if the ring has such a group; -EINVAL where the
 * kernel has no buffer rings (before 5.19). On failure nothing is left. */
int bufring_init(struct bufring *bufring, struct ring *ring, unsigned count,
                 size_t buf_len, int group);

/* Takes the buffers back; no receive of the group may be in flight. Accepts a
 * zeroed bufring. */
void bufring_finish(struct bufring *bufring);

/* The buffer that a CQE with these flags brought, now MINE: its number. */
uint16_t bufring_take(struct bufring *bufring, uint32_t cqe_flags, size_t len);

/* The bytes of a buffer that is MINE. */
char *bufring_data(const struct bufring *bufring, uint16_t id);

/* Gives a buffer to the kernel, and wakes one waiter. */
void bufring_release(struct bufring *bufring, uint16_t id);

/* How many buffers are not MINE: the kernel's, or in a CQE on its way here. */
static inline unsigned bufring_free_count(const struct bufring *bufring)
{
    return bufring->count - bufring->mine_count;
}

/* Queues a waiter, to be woken once when a buffer is released; and takes it
 * from the queue again. The caller owns it, and must not move it while it is
 * queued. */
void bufring_wait(struct bufring *bufring, struct bufring_waiter *waiter);
void bufring_leave(struct bufring *bufring, struct bufring_waiter *waiter);

/* Wakes one waiter, if any waits and a buffer is free. For a waiter that was
 * woken and needs no buffer, and after a receive that took none. */
void bufring_wake_next(struct bufring *bufring);

#endif
