/* linked.c: mode linked: chains over direct descriptors.
 * Introduced in phase 2. Needs: mode.h, single.h.
 *
 * What it teaches: a read cannot simply be submitted together with the open
 * that it depends on, for two reasons. It could run first: IOSQE_IO_LINK makes
 * it wait. And it must name a descriptor that does not exist yet. So the file
 * is opened into the ring's own table, at a number that we choose beforehand.
 *
 *     close (the last file) ==> open (the next) --> read (its first bytes)
 *
 *     --> IOSQE_IO_LINK: go on only if this one succeeded, and was not short
 *     ==> IOSQE_IO_HARDLINK: go on whatever this one returned
 *
 * Why is the close before the open, and not behind the read? A chain is written
 * before any of it runs, and only a read's result shows whether it was the
 * last. Behind a link, the short read that ends nearly every file would cancel
 * the close, and a full read that does not end it would run the close: exactly
 * in the wrong order. Behind a hard link the close would always run, and lose
 * the rest of every file that comes short: /proc, a pipe, a longer file. */
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

    /* A submit in the middle of the chain would end it there. */
    batch_ring_reserve(w->ring, BATCH_RING_CHAIN_MAX);
    e->fd = (int)e->index;
    if (e->is_left_open) {
        sqe = window_sqe(w, e, STEP_CLOSE);
        io_uring_prep_close_direct(sqe, e->index);
        sqe->flags |= IOSQE_IO_HARDLINK;
        e->is_left_open = false;
    }
    sqe = window_sqe(w, e, STEP_OPEN);
    /* No O_CLOEXEC: exec closes numbers of the process, not of this table. */
    io_uring_prep_openat_direct(sqe, AT_FDCWD, e->path, O_RDONLY | O_NOCTTY, 0,
                                e->index);
    sqe->flags |= IOSQE_IO_LINK;
    single_read(w, e);
}

/* Leaves the close to the chain that opens the next file here, if there is a
 * next one. */
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
