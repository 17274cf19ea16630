/* vectored.c: mode vectored: one operation for many pieces of memory.
 * Introduced in phase 2. Needs: mode.h, batch_ring.h.
 *
 * What it teaches: a pool has buffers of one size, and a long file wants more
 * than one of them at a time. Where the other modes read a buffer's length, and
 * again, and again, readv fills all the buffers of a place with one operation.
 * A file that fits into one buffer gains nothing.
 *
 * The list of pieces belongs to the kernel until the CQE, like the memory that
 * it names: so it lives in the place, never on the stack of the function that
 * writes it down. (Many kernels copy it at submit. Not all; and not this one
 * either when the operation is submitted by a thread of the kernel: SQPOLL.) */
#include "mode.h"
#include "batch_ring.h"

static void vectored_read(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];
    struct io_uring_sqe *sqe = batch_sqe(b, place, STEP_READ);
    unsigned count = batch_list(b, p->slots, p->filled, batch_capacity(b),
                                p->list);

    batch_lend(b, p->slots);
    io_uring_prep_readv(sqe, p->fd, p->list, count, p->offset);
}

const struct batch_mode batch_vectored = {
    .name = "vectored",
    .words = "one read for several buffers",
    .pieces = BATCH_PIECES_MAX,
    .start = batch_plain_start,
    .read = vectored_read,
    .close = batch_plain_close,
    .write = batch_plain_write,
};
