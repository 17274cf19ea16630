/* linked.c: mode linked: chains over direct descriptors.
 * Introduced in phase 2. Needs: mode.h, batch_ring.h.
 *
 * What it teaches: a read cannot be submitted together with the open that it
 * depends on, for two reasons. It could run first: IOSQE_IO_LINK makes it wait.
 * And it must name a descriptor that does not exist yet: so the file is opened
 * into a place of the ring's own table, whose number we choose beforehand.
 *
 *     close (the last file) ==> open (the next) --> read (its first bytes)
 *
 *     --> IOSQE_IO_LINK: go on only if this one succeeded, and was not short
 *     ==> IOSQE_IO_HARDLINK: go on whatever this one said
 *
 * Why does the close stand before the open, and not behind the read? A chain is
 * written before any of it runs, and whether a read was the last is known only
 * when it has run. Behind a link, close would be cancelled by the short read
 * that ends nearly every file, and would run after a full one that does not end
 * it: just the wrong way round. Behind a hard link it would always run, and
 * lose the rest of whatever came short: /proc, a pipe, a longer file. */
#include <fcntl.h>

#include "mode.h"
#include "batch_ring.h"

static int linked_setup(struct batch *b)
{
    b->counts.system_calls++;
    return io_uring_register_files_sparse(&b->ring, b->window);
}

static void linked_start(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];
    struct io_uring_sqe *sqe;

    /* A submit in the middle of the chain would end it there. */
    batch_reserve(b, BATCH_CHAIN_MAX);
    p->fd = (int)place;
    if (p->is_left_open) {
        sqe = batch_sqe(b, place, STEP_CLOSE);
        io_uring_prep_close_direct(sqe, place);
        sqe->flags |= IOSQE_IO_HARDLINK;
        p->is_left_open = false;
    }
    sqe = batch_sqe(b, place, STEP_OPEN);
    /* No O_CLOEXEC: what is not in the process's table is not inherited. */
    io_uring_prep_openat_direct(sqe, AT_FDCWD, p->path, O_RDONLY | O_NOCTTY, 0,
                                place);
    sqe->flags |= IOSQE_IO_LINK;
    batch_plain_read(b, place);
}

/* Leaves the close to the chain that opens the next file here, if one comes. */
static void linked_close(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];

    if (p->file + b->window >= b->file_count) {
        batch_plain_close(b, place);
        return;
    }
    p->is_left_open = true;
    p->is_open = false;
}

const struct batch_mode batch_linked = {
    .name = "linked",
    .words = "close, open and read as one chain, without descriptors",
    .pieces = 1,
    .is_direct = true,
    .is_linked = true,
    .setup = linked_setup,
    .start = linked_start,
    .read = batch_plain_read,
    .close = linked_close,
    .write = batch_plain_write,
};
