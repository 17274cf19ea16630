/* trace_views.c: reads the rings of the program; see trace_views.h.
 * Introduced in phase 6. Needs: trace_views.h, trace.h.
 *
 * What it teaches: a ring is memory that the program and the kernel share, so
 * the shim (trace_shim.c) can read it, too. For each tail, the shim stores the
 * position up to which it has read. */
#include "trace_views.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>

#include "trace.h"

#define RINGS_MAX 16

/* Stores the addresses of a ring, and the positions up to which the shim has
 * read it. */
struct view {
    const struct io_uring *uring; /* NULL: liburing did not make it */
    int fd;                       /* -1: this view is not used */
    unsigned sq_seen, cq_seen;    /* the tails at the last look */
    unsigned sq_mask, cq_mask;
    unsigned sqe_shift, cqe_shift; /* 1 if double size: SQE128, CQE32 */
    const unsigned *sq_tail, *cq_tail;
    const unsigned *sq_array;     /* NULL: entry i has SQE i */
    const struct io_uring_sqe *sqes;
    const struct io_uring_cqe *cqes;
};

static struct view views[RINGS_MAX];

void trace_views_begin(void)
{
    for (struct view *view = views; view < views + RINGS_MAX; view++)
        view->fd = -1;
}

/* Returns a view for a new ring, and clears it. */
static struct view *new_view(int fd, unsigned flags)
{
    struct view *view = views;

    /* If a view has this descriptor already, its ring was closed. So the new
     * ring gets this view. */
    while (view < views + RINGS_MAX && view->fd != -1 && view->fd != fd)
        view++;
    if (view == views + RINGS_MAX) {
        fprintf(stderr, "trace: more than %d rings: one is left out\n",
                RINGS_MAX);
        return NULL;
    }
    *view = (struct view){
        .fd = fd,
        .sqe_shift = (flags & IORING_SETUP_SQE128) != 0,
        .cqe_shift = (flags & IORING_SETUP_CQE32) != 0,
    };
    return view;
}

void trace_views_add_uring(const struct io_uring *uring)
{
    struct view *view = new_view(uring->ring_fd, uring->flags);

    if (view == NULL)
        return;
    view->uring = uring;
    view->sq_mask = uring->sq.ring_mask;
    view->cq_mask = uring->cq.ring_mask;
    view->cq_tail = uring->cq.ktail;
    view->sqes = uring->sq.sqes;
    view->cqes = uring->cq.cqes;
}

/* Maps the memory of the ring, only to read it. The program maps the same
 * memory for itself after this. */
void trace_views_add_fd(int fd, const struct io_uring_params *params)
{
    const size_t sq_count = params->sq_entries, cq_count = params->cq_entries;
    struct view *view = new_view(fd, params->flags);
    const char *sq, *cq;
    const void *sqes;

    if (view == NULL)
        return;
    sq = mmap(NULL, params->sq_off.array + sq_count * sizeof(unsigned),
              PROT_READ, MAP_SHARED, fd, IORING_OFF_SQ_RING);
    cq = mmap(NULL,
              params->cq_off.cqes +
                  (cq_count * sizeof(struct io_uring_cqe) << view->cqe_shift),
              PROT_READ, MAP_SHARED, fd, IORING_OFF_CQ_RING);
    sqes = mmap(NULL, sq_count * sizeof(struct io_uring_sqe) << view->sqe_shift,
                PROT_READ, MAP_SHARED, fd, IORING_OFF_SQES);
    if (sq == MAP_FAILED || cq == MAP_FAILED || sqes == MAP_FAILED) {
        fprintf(stderr, "trace: cannot map a ring; it is left out\n");
        view->fd = -1;
        return;
    }
    view->sq_tail = (const unsigned *)(const void *)(sq + params->sq_off.tail);
    view->cq_tail = (const unsigned *)(const void *)(cq + params->cq_off.tail);
    view->sq_array =
        (const unsigned *)(const void *)(sq + params->sq_off.array);
    view->sq_mask = params->sq_entries - 1;
    view->cq_mask = params->cq_entries - 1;
    view->sqes = sqes;
    view->cqes = (const struct io_uring_cqe *)(const void *)(
        cq + params->cq_off.cqes);
}

/* Returns the view of uring. If uring is NULL, returns the view of fd. Returns
 * NULL if there is no such view. */
static struct view *view_of(const struct io_uring *uring, int fd)
{
    for (struct view *view = views; view < views + RINGS_MAX; view++)
        if (view->fd != -1 && view->uring == uring &&
            (uring != NULL || view->fd == fd))
            return view;
    return NULL;
}

/* Records the SQEs up to the tail. liburing stores the tail of the SQ only in a
 * submit, so the shim reads sqe_tail, which io_uring_get_sqe advances. */
static void look_at_sqes(struct view *view)
{
    unsigned end = view->uring != NULL ? view->uring->sq.sqe_tail
                                       : IO_URING_READ_ONCE(*view->sq_tail);

    for (; view->sq_seen != end; view->sq_seen++) {
        unsigned index = view->sq_seen & view->sq_mask;

        if (view->sq_array != NULL)
            index = view->sq_array[index] & view->sq_mask;
        trace_sqe(view->fd, &view->sqes[index << view->sqe_shift]);
    }
}

/* Records the CQEs up to the tail. The kernel may overwrite a CQE that the
 * program has already taken, and may do so during the copy. So compare the tail
 * after the copy: if it is more than one whole CQ ahead of this CQE, the copy
 * may be wrong, and the CQE counts as lost. */
static void look_at_cqes(struct view *view)
{
    unsigned end = io_uring_smp_load_acquire(view->cq_tail);

    for (; view->cq_seen != end; view->cq_seen++) {
        unsigned index = view->cq_seen & view->cq_mask;
        struct io_uring_cqe copy = view->cqes[index << view->cqe_shift];

        atomic_thread_fence(memory_order_acquire);
        if (IO_URING_READ_ONCE(*view->cq_tail) - view->cq_seen >
            view->cq_mask + 1)
            trace_lose(1);
        else
            trace_cqe(view->fd, &copy);
    }
}

void trace_views_look(const struct io_uring *uring, int fd, bool submits)
{
    struct view *view = view_of(uring, fd);

    if (view != NULL && submits)
        look_at_sqes(view);
    if (view != NULL)
        look_at_cqes(view);
}

void trace_views_remove(const struct io_uring *uring)
{
    struct view *view = view_of(uring, -1);

    if (view == NULL)
        return;
    look_at_cqes(view);
    view->fd = -1;
}

void trace_views_end(void)
{
    for (struct view *view = views; view < views + RINGS_MAX; view++)
        if (view->fd != -1)
            look_at_cqes(view);
}
