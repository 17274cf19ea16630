/* linked.c: mode linked, which uses chains and direct descriptors.
 * Introduced in phase 2. Needs: mode.h, single.h.
 *
 * What it teaches: submitting a read together with its open has two problems.
 * The read could run first; IOSQE_IO_LINK makes it wait. And the read needs a
 * descriptor, which does not exist yet. So we open the file into the ring's own
 * table, at an index that we choose beforehand.
 *
 *     close (previous file) ==> open (next file) --> read (its first bytes)
 *
 *     --> IOSQE_IO_LINK: continue only if this one succeeds and is not short
 *     ==> IOSQE_IO_HARDLINK: continue whatever this one returns
 *
 * Why does the chain begin with a close, and not end with one? We queue the
 * chain before any of it runs, and only the result of a read shows whether it
 * was the last one of its file. If IO_LINK connected the read to a close, the
 * short read at the end of nearly every file would cancel the close. After a
 * full read in the middle of a file, the close would run too early. With
 * IO_HARDLINK, the close would always run, and we would lose the rest of each
 * file that needs more than one read: a file in /proc, a pipe, a long file. */
#include <fcntl.h>

#include "mode.h"
#include "single.h"

static int linked_setup(struct window *w)
{
    w->ring->counts->system_calls++;
    return io_uring_register_files_sparse(&w->ring->uring, w->size);
}

static void linked_start(struct window *w, struct entry *e)
{
    struct io_uring_sqe *sqe;

    /* A submit in the middle of the chain would end the chain. */
    batch_ring_reserve(w->ring, BATCH_RING_CHAIN_MAX);
    e->fd = (int)e->index;
    if (e->is_left_open) {
        sqe = window_sqe(w, e, STEP_CLOSE);
        io_uring_prep_close_direct(sqe, e->index);
        sqe->flags |= IOSQE_IO_HARDLINK;
        e->is_left_open = false;
    }
    sqe = window_sqe(w, e, STEP_OPEN);
    /* O_CLOEXEC applies to descriptors of the process, not to this table. */
    io_uring_prep_openat_direct(sqe, AT_FDCWD, e->path, O_RDONLY | O_NOCTTY, 0,
                                e->index);
    sqe->flags |= IOSQE_IO_LINK;
    single_read(w, e);
}

/* Leaves the close to the chain that opens the next file in this entry. If
 * there is no next file, queues the close now. */
static void linked_close(struct window *w, struct entry *e)
{
    if (e->file + w->size >= w->file_count) {
        single_close(w, e);
        return;
    }
    e->is_left_open = true;
    e->is_open = false;
}

const struct mode mode_linked = {
    .name = "linked",
    .words = "close, open and read as one chain, without descriptors",
    .per_set = 1,
    .is_direct = true,
    .is_linked = true,
    .setup = linked_setup,
    .start = linked_start,
    .read = single_read,
    .close = linked_close,
    .write = single_write,
};
