/* incring.h: a pool of buffers that fill up bit by bit.
 * Introduced in phase 8. Needs: queue.h, ring.h.
 *
 * With IOU_PBUF_RING_INC (6.12) a receive takes only the bytes of a buffer that
 * it fills. The next receive, of any connection, begins after these bytes:
 *
 *      buffer 4                 buffer 5            buffer 6
 *      [a a a|b b|a a a a a a]  [a a a a a a a a a] [a a|          ]
 *       piece                    `---- one bundle: 3 pieces ----'
 *
 * With a bundle (6.10) one CQE covers several buffers, in the order in which
 * they were added to the ring. The CQE has the id of the first one, and the sum
 * of the bytes. incring_take returns the pieces, one after the other.
 *
 * A buffer goes back to the kernel when it is full and all its pieces are
 * released. So a piece of one byte can hold a whole buffer. */
#ifndef PHASE8_INCRING_H
#define PHASE8_INCRING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "queue.h"
#include "ring.h"

struct incring_entry {
    uint32_t used;  /* bytes that are filled */
    uint32_t users; /* pieces that are not released */
    uint16_t next;  /* the buffer that was added after this one */
};

struct incring {
    struct io_uring_buf_ring *shared; /* owned; the kernel reads it */
    char *memory;                     /* owned: count buffers */
    struct incring_entry *entries;    /* owned */
    unsigned count;
    unsigned open_count; /* buffers that are not full */
    size_t buf_len;
    uint16_t last; /* the buffer that was added last */
    uint64_t empty_count;
    struct queue waiters; /* connections with data for which there is no room */
};

/* Makes a pool of count buffers (rounded up to a power of two) of buf_len bytes
 * and registers it as the given group. Nothing may be in flight. There is no
 * function to release it: the steps keep it until they end.
 *
 * Returns 0        success
 *         -EINVAL  the kernel has no incremental buffers (before 6.12), or
 *                  incring_prep_receive cannot work (before 6.17)
 *         -ENOMEM  out of memory */
int incring_init(struct incring *pool, struct ring *ring, unsigned count,
                 size_t buf_len, int group);

/* Prepares a multishot receive of bundles, which ends after about max bytes.
 * Without the limit, one CQE could take the whole pool. */
void incring_prep_receive(struct io_uring_sqe *sqe, int slot, int group,
                          unsigned max);

/* Bytes in the pool that wait to be sent. Zeroed: none. */
struct pieces {
    struct queue queue; /* owned; oldest first */
    size_t len;         /* bytes of all pieces */
    size_t at;          /* bytes of the first piece that are dropped already */
};

/* Adds the len bytes of a CQE, which begin in buffer id.
 *
 * Returns 0        success
 *         -ENOMEM  the last bytes are missing; the pool has them back */
int pieces_add(struct pieces *pieces, struct incring *pool, uint16_t id,
               size_t len);

/* Describes the first bytes in at most max entries of vector. Sets *count to
 * the number of entries. Returns the number of bytes. */
size_t pieces_describe(const struct pieces *pieces, struct iovec *vector,
                       size_t max, size_t *count);

/* Drops the first len bytes. Returns true if a buffer went back to the
 * kernel. */
bool pieces_drop(struct pieces *pieces, struct incring *pool, size_t len);

#endif
