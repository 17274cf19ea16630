/* bufring.h: receive buffers that the kernel picks when data has arrived.
 * Introduced in phase 8. Needs: queue.h, ring.h.
 *
 *               bufring_init, bufring_release
 *     MINE  -------------------------------------->  KERNEL
 *           <--------------------------------------
 *               a CQE with IORING_CQE_F_BUFFER: bufring_take
 *
 * Only a connection that has data needs a buffer. If each receive had its own
 * buffer, ten thousand idle connections would hold ten thousand buffers. Here
 * all connections share a pool, whose size does not depend on the number of
 * connections. A buffer that the program has taken is MINE.
 *
 * Rules
 *  - Call bufring_take for every CQE that has a buffer, whatever its result is.
 *  - Release each buffer exactly once (asserted).
 *  - When the pool is empty, a receive ends with -ENOBUFS. If
 *    bufring_free_count is then 0, call bufring_wait. Otherwise retry
 *    immediately. Do not poll for a free buffer, in a loop or with a timer:
 *    each release of a buffer wakes one waiter.
 *  - A waiter that is woken has no buffer yet. If it no longer needs one, it
 *    calls bufring_wake_next(), which wakes the next waiter.
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

/* The state of one buffer. The owner of a MINE buffer may use next and len. */
struct bufring_entry {
    uint32_t len;
    uint16_t next;
    bool is_mine;
};

struct bufring_waiter {
    struct queue_node node;
    void (*wake)(struct bufring_waiter *waiter); /* must not suspend */
};

/* The kinds of receive that fill buffers, best first. */
enum bufring_receive {
    BUFRING_LIMITED,   /* multishot with a limit of bytes (Linux 6.17) */
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
    enum bufring_receive receive; /* the kind to use; see stream.h */
    struct queue waiters;
    uint64_t empty_count; /* statistic: receives that found no buffer */
};

/* Allocates count buffers of buf_len bytes and registers them with the kernel
 * as the given group. count is at most BUFRING_COUNT_MAX and is rounded up to a
 * power of two. On failure, all resources are released.
 *
 * Returns  0        success
 *          -ENOMEM  out of memory
 *          -EEXIST  the ring already has this group
 *          -EINVAL  the kernel does not support buffer rings (before 5.19) */
int bufring_init(struct bufring *bufring, struct ring *ring, unsigned count,
                 size_t buf_len, int group);

/* Releases the pool. No receive of the group may be in flight, no buffer may be
 * MINE, and no waiter may be queued. Accepts a zeroed bufring. */
void bufring_finish(struct bufring *bufring);

/* Takes the buffer of a CQE. It becomes MINE and has len bytes of data. Returns
 * the buffer's id. */
uint16_t bufring_take(struct bufring *bufring, uint32_t cqe_flags, size_t len);

/* Returns the memory of a MINE buffer, which is valid until bufring_release. */
char *bufring_data(const struct bufring *bufring, uint16_t id);

/* Releases a MINE buffer to the kernel, and wakes one waiter. */
void bufring_release(struct bufring *bufring, uint16_t id);

/* Returns the number of buffers that are not MINE. The kernel holds them, or
 * has filled them for CQEs that are not reaped yet. */
static inline unsigned bufring_free_count(const struct bufring *bufring)
{
    return bufring->count - bufring->mine_count;
}

/* Queues waiter. waiter->wake is called once, when a buffer is released. The
 * caller owns the waiter, and must not move it while it is queued. Does not
 * suspend. */
void bufring_wait(struct bufring *bufring, struct bufring_waiter *waiter);

/* Removes waiter from the queue. */
void bufring_leave(struct bufring *bufring, struct bufring_waiter *waiter);

/* Wakes one waiter, if one is queued and a buffer is free. Call it if a waiter
 * was woken but needs no buffer, and after a receive that used no buffer. */
void bufring_wake_next(struct bufring *bufring);

#endif
