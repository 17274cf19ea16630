/* onering.h: one ring for programs in other languages.
 * Introduced in phase 7. Needs: nothing.
 *
 * liburing's prep functions are inline, so a language that only loads shared
 * objects cannot call them. Here are real functions, and a ring is an opaque
 * pointer. build/lib/libonering-own.so needs libc only.
 *
 *     onering_create -> onering_read ... -> onering_submit
 *                                               |
 *     onering_destroy <- onering_next <- onering_wait, or the eventfd
 *
 * Ownership
 *  - The caller owns the ring until onering_destroy. Use it in the thread that
 *    made it, and not in a forked child.
 *  - The caller owns every buffer, but lends it to the kernel from onering_read
 *    until onering_next has returned the completion with its id. Until then the
 *    buffer must not move or be freed: keep a reference to it, under its id.
 *  - The ring owns the eventfd. onering_destroy closes it.
 *  - The caller owns the descriptors that it reads from. The kernel holds the
 *    open file while a submitted operation uses it.
 *
 * Results are >= 0, or -errno. ids are chosen by the caller, below 2^63; two
 * operations in flight must not have the same one if one may be cancelled.
 * Limit: four operations in flight per entry of the SQ.
 * No function blocks, except onering_wait and onering_destroy. */
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

/* A read into buf, which is lent to the kernel; see Ownership. */
struct onering_read {
    uint64_t id;
    uint64_t offset; /* in bytes; UINT64_MAX is the file's position */
    void *buf;
    uint32_t len; /* bytes of buf, below 2^31 */
    int32_t fd;
};

/* Makes a ring with at least sq_entries SQ entries, 1 to 4096.
 *
 * Returns 0            *ring is ready
 *         -EINVAL      sq_entries is out of range
 *         -EOPNOTSUPP  the kernel is older than 5.11, or lacks an operation
 *         -errno       as io_uring_setup(2), eventfd(2) or mmap(2) */
int onering_create(struct onering **ring, unsigned sq_entries);

/* Cancels all operations in flight, waits until the kernel has completed them,
 * and releases the ring. Then no buffer is lent any more. This blocks while an
 * operation cannot be cancelled, as a read from a disk, or any before Linux
 * 5.19. Completions that were not taken are lost.
 *
 * Returns >= 0    the number of operations that were in flight
 *         -errno  as io_uring_enter(2); the ring is still there, and so is the
 *                 loan of each buffer */
int onering_destroy(struct onering *ring);

/* Returns an eventfd, which becomes readable when a completion arrives. Read
 * its 8 bytes first, and then call onering_next until it returns 0. */
int onering_eventfd(const struct onering *ring);

/* Put an operation in the SQ. onering_read copies *read. onering_nop does
 * nothing. onering_timeout completes with -ETIME. onering_cancel cancels the
 * operation with that id: its completion has -ECANCELED, or -EINTR, or its own
 * result if it has ended first.
 *
 * Returns 0        the operation is queued; onering_submit submits it
 *         -EINVAL  id or read->len is too large
 *         -EBUSY   too many operations are in flight: take completions first
 *         -errno   as onering_submit, since the SQ was full */
int onering_read(struct onering *ring, const struct onering_read *read);
int onering_nop(struct onering *ring, uint64_t id);
int onering_timeout(struct onering *ring, uint64_t timeout_ns, uint64_t id);
int onering_cancel(struct onering *ring, uint64_t id);

/* Submits what is queued. Returns the number of operations, or -errno as
 * io_uring_enter(2): then they stay queued. */
int onering_submit(struct onering *ring);

/* Submits what is queued, and waits for a completion.
 *
 * Returns 0              some have arrived: call onering_next until it returns
 *                        0. It skips the completions of cancels
 *         -ETIME, -EINTR the timeout or a signal came first
 *         -errno         as io_uring_enter(2) */
int onering_wait(struct onering *ring, uint64_t timeout_ns);

/* Takes the oldest completion. Returns 1, or 0 if there is none. */
int onering_next(struct onering *ring, struct onering_completion *out);

/* Returns the number of operations that were queued and not yet taken. */
unsigned onering_in_flight(const struct onering *ring);

#endif
