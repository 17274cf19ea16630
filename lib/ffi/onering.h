/* onering.h: one ring for programs in other languages.
 * Introduced in phase 7. Needs: nothing.
 *
 * liburing's prep functions are inline, so a language that only loads shared
 * objects cannot call them. The functions here are not inline, and a ring is an
 * opaque pointer. build/lib/libonering-own.so needs only libc.
 *
 *     onering_create -> onering_read ... -> onering_submit
 *                                               |
 *     onering_destroy <- onering_next <- onering_wait, or the eventfd
 *
 * Ownership
 *  - The caller owns the ring until onering_destroy. Use it in the thread that
 *    made it, and not in a forked child.
 *  - The caller owns every buffer, but lends it to the kernel from onering_read
 *    until onering_next has returned the completion with the id of that read.
 *    Until then the buffer must not move or be freed. In a language that frees
 *    unused objects, keep a reference to it, for example in a table of ids.
 *  - The ring owns the eventfd. onering_destroy closes it.
 *  - The caller owns the descriptors that it reads from. The kernel keeps the
 *    file open while a submitted operation uses it.
 *
 * Results are >= 0, or -errno. The caller chooses the ids, below 2^63. If an
 * operation may be cancelled, no other operation in flight may have its id. At
 * most four operations per SQ entry may be in flight. Only onering_wait and
 * onering_destroy block. */
#ifndef ONE_RING_ONERING_H
#define ONE_RING_ONERING_H

#include <stddef.h>
#include <stdint.h>

struct onering;

struct onering_completion {
    uint64_t id;     /* of the operation */
    int32_t result;  /* >= 0 or -errno */
    uint32_t flags;  /* IORING_CQE_F_*; 0 for the operations below */
};

/* A read into buf. The caller lends buf to the kernel; see Ownership. */
struct onering_read {
    uint64_t id;
    uint64_t offset; /* in bytes, or UINT64_MAX: the file's position */
    void *buf;
    uint32_t len; /* bytes of buf, below 2^31 */
    int32_t fd;
};

/* Makes a ring with at least sq_entries SQ entries, 1 to 4096.
 *
 * Returns 0            *ring is ready
 *         -EINVAL      sq_entries is out of range
 *         -EOPNOTSUPP  the kernel is older than 5.11, or lacks an operation
 *         -errno       from io_uring_setup(2), eventfd(2) or mmap(2) */
int onering_create(struct onering **ring, unsigned sq_entries);

/* Cancels all operations in flight, waits until the kernel has completed them,
 * and releases the ring. Afterwards no buffer is lent. Some operations cannot
 * be cancelled: a read from a disk, and every operation before Linux 5.19. Then
 * this blocks until the operation ends. Completions that were not taken are
 * lost.
 *
 * Returns >= 0    the number of operations that were in flight
 *         -errno  from io_uring_enter(2); the ring still exists, and each
 *                 buffer is still lent */
int onering_destroy(struct onering *ring);

/* Returns an eventfd, which becomes readable when a completion arrives. Read
 * its 8 bytes first, and then call onering_next until it returns 0. */
int onering_eventfd(const struct onering *ring);

/* Each of these functions queues an operation. onering_read copies *read. The
 * operation of onering_nop does nothing. The operation of onering_timeout
 * completes with -ETIME after timeout_ns. onering_cancel cancels the operation
 * with this id. The completion of that operation then has -ECANCELED or -EINTR,
 * or the normal result if the operation ended before the cancel.
 *
 * Returns 0        the operation is queued; onering_submit submits it
 *         -EINVAL  id or read->len is too large
 *         -EBUSY   too many operations are in flight: take completions first
 *         -EAGAIN  the SQ is still full after a submit
 *         -errno   the SQ was full, and onering_submit returned this */
int onering_read(struct onering *ring, const struct onering_read *read);
int onering_nop(struct onering *ring, uint64_t id);
int onering_timeout(struct onering *ring, uint64_t timeout_ns, uint64_t id);
int onering_cancel(struct onering *ring, uint64_t id);

/* Submits the queued operations.
 *
 * Returns >= 0    the number of operations that were submitted
 *         -errno  from io_uring_enter(2); all operations are still queued */
int onering_submit(struct onering *ring);

/* Submits the queued operations, and waits until there is a completion.
 *
 * Returns 0       there is a completion: call onering_next until it returns 0.
 *                 If only cancels have completed, the first call returns 0
 *         -ETIME  timeout_ns has passed
 *         -EINTR  a signal interrupted the wait
 *         -errno  from io_uring_enter(2) */
int onering_wait(struct onering *ring, uint64_t timeout_ns);

/* Takes the oldest completion. Returns 1, or 0 if there is none. */
int onering_next(struct onering *ring, struct onering_completion *out);

/* Returns the number of queued and submitted operations whose completion has
 * not been taken yet. Cancels do not count. */
unsigned onering_in_flight(const struct onering *ring);

#endif
