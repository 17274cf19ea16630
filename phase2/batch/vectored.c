/* vectored.c: mode vectored, which reads into several buffers at once.
 * Introduced in phase 2. Needs: mode.h, single.h.
 *
 * What it teaches: a pool has buffers of one size, and a long file needs
 * several. The other modes read into one buffer repeatedly. readv fills all
 * buffers of an entry with one operation. For a file that fits into one buffer,
 * readv gains nothing.
 *
 * The kernel owns the array of iovecs until the CQE, as it owns the buffers. So
 * the array is in the entry, never on the stack of the function that fills it.
 * (A kernel with IORING_FEAT_SUBMIT_STABLE copies the array when it takes the
 * SQE. But with SQPOLL a kernel thread takes the SQE, and the submit may return
 * before that.) */
#include "mode.h"
#include "single.h"

static void vectored_read(struct window *w, struct entry *e)
{
    struct buffers *buffers = &w->buffers;
    struct io_uring_sqe *sqe = window_sqe(w, e, STEP_READ);
    unsigned count = buffers_list(buffers, e->set, e->filled,
                                  buffers_capacity(buffers), e->list);

    buffers_lend(buffers, e->set);
    io_uring_prep_readv(sqe, e->fd, e->list, count, e->offset);
}

const struct mode mode_vectored = {
    .name = "vectored",
    .words = "one read into several buffers",
    .per_set = BUFFERS_PER_SET_MAX,
    .start = single_start,
    .read = vectored_read,
    .close = single_close,
    .write = single_write,
};
