/* own_setup.c: makes a ring, and releases it; see own.h.
 * Introduced in phase 7. Needs: own.h, sys.h.
 *
 * What it teaches: io_uring_setup(2) returns a descriptor and a list of
 * offsets. The rings are memory that the kernel and the process both map. */
#include <errno.h>
#include <string.h>

#include "own.h"
#include "sys.h"

static size_t sqes_len(const struct io_uring *ring)
{
    unsigned shift = (ring->flags & IORING_SETUP_SQE128) != 0;

    return (sizeof(struct io_uring_sqe) << shift) * ring->sq.ring_entries;
}

/* Maps both rings in one mapping, which Linux 5.4 made possible, and then the
 * SQEs. If the second mapping fails, io_uring_queue_exit unmaps the first. */
static int map_rings(struct io_uring *ring, const struct io_uring_params *p)
{
    unsigned shift = (p->flags & IORING_SETUP_CQE32) != 0;
    size_t sq_len = p->sq_off.array + p->sq_entries * sizeof(unsigned);
    size_t cq_len = p->cq_off.cqes +
                    (p->cq_entries * sizeof(struct io_uring_cqe) << shift);
    size_t len = cq_len > sq_len ? cq_len : sq_len;
    void *memory;
    int rc = sys_ring_map(&memory, len, ring->ring_fd, IORING_OFF_SQ_RING);

    if (rc < 0)
        return rc;
    ring->sq.ring_ptr = ring->cq.ring_ptr = memory;
    ring->sq.ring_sz = ring->cq.ring_sz = len;
    ring->sq.ring_entries = p->sq_entries;
    rc = sys_ring_map(&memory, sqes_len(ring), ring->ring_fd, IORING_OFF_SQES);
    if (rc == 0)
        ring->sq.sqes = memory;
    return rc;
}

/* Sets the pointers that liburing's inline functions use. */
static void set_pointers(struct io_uring *ring, const struct io_uring_params *p)
{
    struct io_uring_sq *sq = &ring->sq;
    struct io_uring_cq *cq = &ring->cq;
    char *base = sq->ring_ptr;

    sq->khead = (unsigned *)(base + p->sq_off.head);
    sq->ktail = (unsigned *)(base + p->sq_off.tail);
    sq->kring_mask = (unsigned *)(base + p->sq_off.ring_mask);
    sq->kring_entries = (unsigned *)(base + p->sq_off.ring_entries);
    sq->kflags = (unsigned *)(base + p->sq_off.flags);
    sq->kdropped = (unsigned *)(base + p->sq_off.dropped);
    sq->ring_mask = *sq->kring_mask;
    cq->khead = (unsigned *)(base + p->cq_off.head);
    cq->ktail = (unsigned *)(base + p->cq_off.tail);
    cq->kring_mask = (unsigned *)(base + p->cq_off.ring_mask);
    cq->kring_entries = (unsigned *)(base + p->cq_off.ring_entries);
    cq->kflags = (unsigned *)(base + p->cq_off.flags);
    cq->koverflow = (unsigned *)(base + p->cq_off.overflow);
    cq->cqes = (struct io_uring_cqe *)(base + p->cq_off.cqes);
    cq->ring_mask = *cq->kring_mask;
    cq->ring_entries = *cq->kring_entries;
    if (p->flags & OWN_SETUP_NO_SQARRAY)
        return;
    /* The SQ array maps each entry of the SQ to an SQE; here entry i maps to
     * SQE i. liburing's inline functions do not use the array, so they work
     * without it, too. */
    sq->array = (unsigned *)(base + p->sq_off.array);
    for (unsigned i = 0; i < sq->ring_entries; i++)
        sq->array[i] = i;
}

int io_uring_queue_init_params(unsigned entries, struct io_uring *ring,
                               struct io_uring_params *p)
{
    const unsigned needed = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_EXT_ARG;
    unsigned flags = p->flags;
    int rc;

    memset(ring, 0, sizeof *ring);
    if (flags & ~OWN_SETUP_KNOWN)
        return -EINVAL;
    p->flags |= OWN_SETUP_NO_SQARRAY;
    rc = sys_ring_setup(entries, p);
    /* Linux before 6.6 does not know the flag. Another cause of -EINVAL makes
     * the second call fail, too. */
    if (rc == -EINVAL && flags != p->flags) {
        p->flags = flags;
        rc = sys_ring_setup(entries, p);
    }
    if (rc < 0)
        return rc;
    ring->flags = p->flags;
    ring->features = p->features;
    ring->ring_fd = ring->enter_ring_fd = rc;
    rc = (p->features & needed) == needed ? map_rings(ring, p) : -EOPNOTSUPP;
    if (rc < 0)
        io_uring_queue_exit(ring);
    else
        set_pointers(ring, p);
    return rc;
}

int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
    struct io_uring_params params = {.flags = flags};

    return io_uring_queue_init_params(entries, ring, &params);
}

void io_uring_queue_exit(struct io_uring *ring)
{
    if (ring->sq.sqes != NULL)
        (void)sys_unmap(ring->sq.sqes, sqes_len(ring));
    if (ring->sq.ring_ptr != NULL)
        (void)sys_unmap(ring->sq.ring_ptr, ring->sq.ring_sz);
    /* Unregister the ring. Otherwise the thread's table of registered rings
     * would keep the ring open. */
    (void)io_uring_unregister_ring_fd(ring);
    (void)sys_close(ring->ring_fd);
}

int io_uring_ring_dontfork(struct io_uring *ring)
{
    int rc;

    if (ring->sq.ring_ptr == NULL || ring->sq.sqes == NULL)
        return -EINVAL;
    rc = sys_ring_no_fork(ring->sq.sqes, sqes_len(ring));
    if (rc < 0)
        return rc;
    return sys_ring_no_fork(ring->sq.ring_ptr, ring->sq.ring_sz);
}
