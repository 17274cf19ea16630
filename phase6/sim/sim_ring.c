/* sim_ring.c: makes and releases rings; see sim_ring.h.
 *
 * What it teaches: a ring is memory with four indices. liburing accesses it
 * only through pointers, so the memory need not come from the kernel. */
#include "sim_ring.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "queue.h"
#include "sim_buffers.h"
#include "sim_check.h"
#include "sim_op.h"
#include "sim_ops.h"
#include "sim_registered.h"

#define RINGS_MAX 4
#define ENTRIES_MAX 32768u

static struct sim_ring rings[RINGS_MAX];

/* A ring can be polled, as a socket can. Completions that wait for an enter
 * (DEFER_TASKRUN) do not make it readable. */
static unsigned ring_poll(struct sim_file *file)
{
    const struct sim_ring *ring = container_of(file, struct sim_ring, file);

    return ring_ready_count(ring) > 0 || ring->overflow_count > 0 ? POLLIN : 0;
}

static const struct file_class ring_class = {.name = "ring",
                                             .poll = ring_poll};

void ring_begin(void)
{
    for (int i = 0; i < RINGS_MAX; i++) {
        free(rings[i].shared);
        free(rings[i].overflow);
    }
    memset(rings, 0, sizeof rings);
}

struct sim_ring *ring_of(int fd)
{
    for (int i = 0; i < RINGS_MAX; i++)
        if (rings[i].uring != NULL && rings[i].fd == fd)
            return &rings[i];
    check_fail("ring-in-use", "fd %d is not the fd of a ring", fd);
}

bool ring_is_deferred(const struct sim_ring *ring)
{
    return (ring->flags & IORING_SETUP_DEFER_TASKRUN) != 0;
}

/* Sets the pointers that liburing's inline functions use. */
static void set_pointers(struct io_uring *uring, struct ring_shared *shared,
                         struct io_uring_sqe *sqes, struct io_uring_cqe *cqes)
{
    uring->sq.khead = &shared->sq_head;
    uring->sq.ktail = &shared->sq_tail;
    uring->sq.kring_mask = &shared->sq_mask;
    uring->sq.kring_entries = &shared->sq_entries;
    uring->sq.kflags = &shared->sq_flags;
    uring->sq.kdropped = &shared->sq_dropped;
    uring->sq.sqes = sqes;
    uring->sq.ring_mask = shared->sq_mask;
    uring->sq.ring_entries = shared->sq_entries;
    uring->cq.khead = &shared->cq_head;
    uring->cq.ktail = &shared->cq_tail;
    uring->cq.kring_mask = &shared->cq_mask;
    uring->cq.kring_entries = &shared->cq_entries;
    uring->cq.kflags = &shared->cq_flags;
    uring->cq.koverflow = &shared->cq_overflow;
    uring->cq.cqes = cqes;
    uring->cq.ring_mask = shared->cq_mask;
    uring->cq.ring_entries = shared->cq_entries;
}

static unsigned round_up(unsigned value)
{
    unsigned power = 1;

    while (power < value)
        power *= 2;
    return power;
}

/* Creates a ring whose sizes are powers of two, as the masks require. */
int io_uring_queue_init_params(unsigned entries, struct io_uring *uring,
                               struct io_uring_params *p)
{
    const unsigned known =
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
        IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_COOP_TASKRUN |
        IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    unsigned sq = round_up(entries);
    unsigned cq = p->flags & IORING_SETUP_CQSIZE ? round_up(p->cq_entries)
                                                 : 2 * sq;
    struct sim_ring *ring = rings;
    size_t sqes_len = sq * sizeof(struct io_uring_sqe);
    struct io_uring_sqe *sqes;

    if (p->flags & ~known)
        check_fail("simulated-operation", "the set-up flags %#x are not "
                   "simulated", p->flags & ~known);
    assert(entries > 0 && sq <= ENTRIES_MAX && cq >= sq);
    while (ring->uring != NULL)
        ring++;
    assert(ring < rings + RINGS_MAX);
    memset(uring, 0, sizeof *uring);
    *ring = (struct sim_ring){.file.class = &ring_class, .flags = p->flags};
    ring->fd = file_install(&ring->file);
    if (ring->fd < 0)
        return ring->fd;
    ring->uring = uring;
    ring->shared = calloc(1, sizeof *ring->shared + sqes_len +
                                 cq * sizeof(struct io_uring_cqe));
    assert(ring->shared != NULL);
    *ring->shared = (struct ring_shared){.sq_mask = sq - 1, .sq_entries = sq,
                                         .cq_mask = cq - 1, .cq_entries = cq};
    sqes = (struct io_uring_sqe *)(void *)(ring->shared + 1);
    ring->cqes = (struct io_uring_cqe *)(void *)(sqes + sq);
    set_pointers(uring, ring->shared, sqes, ring->cqes);
    p->features = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP |
                  IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_EXT_ARG |
                  IORING_FEAT_CQE_SKIP;
    p->sq_entries = sq;
    p->cq_entries = cq;
    uring->flags = p->flags;
    uring->features = p->features;
    uring->ring_fd = uring->enter_ring_fd = ring->fd;
    return 0;
}

int io_uring_queue_init(unsigned entries, struct io_uring *uring,
                        unsigned flags)
{
    struct io_uring_params params = {.flags = flags};

    return io_uring_queue_init_params(entries, uring, &params);
}

void io_uring_queue_exit(struct io_uring *uring)
{
    struct sim_ring *ring = ring_of(uring->ring_fd);

    check_that(ops_count(ring, false) == 0, "no-operation-outlives-its-ring",
               "operations in flight:", ops_count(ring, false));
    buffers_check_unregistered();
    registered_end();
    file_close(ring->fd);
    free(ring->shared);
    free(ring->overflow);
    *ring = (struct sim_ring){.uring = NULL};
}

int io_uring_register_ring_fd(struct io_uring *uring)
{
    (void)ring_of(uring->ring_fd);
    return 1;
}

int io_uring_ring_dontfork(struct io_uring *uring)
{
    (void)ring_of(uring->ring_fd);
    return 0;
}

/* Only a ring with restrictions is made without being enabled. */
int io_uring_register(unsigned fd, unsigned opcode, const void *arg,
                      unsigned arg_count)
{
    (void)ring_of((int)fd), (void)arg, (void)arg_count;
    check_fail("simulated-operation", "registration %u is not simulated",
               opcode);
}

bool ring_has_queued_sqe(int fd)
{
    for (int i = 0; i < RINGS_MAX; i++) {
        const struct io_uring_sq *sq;

        if (rings[i].uring == NULL)
            continue;
        sq = &rings[i].uring->sq;
        for (unsigned at = *sq->khead; at != sq->sqe_tail; at++) {
            const struct io_uring_sqe *sqe = &sq->sqes[at & sq->ring_mask];

            if (sqe->fd == fd && op_kind(sqe->opcode)->has_file &&
                !(sqe->flags & IOSQE_FIXED_FILE))
                return true;
        }
    }
    return false;
}
