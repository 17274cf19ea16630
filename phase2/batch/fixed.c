/* fixed.c: mode fixed, which registers buffers and files with the ring.
 * Introduced in phase 2. Needs: mode.h, single.h.
 *
 * What it teaches: for each ordinary read the kernel looks up the descriptor
 * and takes a reference to the file. With O_DIRECT, where the device writes
 * into our memory, the kernel also finds and pins the pages of the buffer.
 * Registration does both only once. The cost is that the pages stay pinned,
 * which RLIMIT_MEMLOCK limits, and that each read must fit into one registered
 * buffer.
 *
 * A read from the page cache copies the bytes and pins no pages. So do not
 * expect a gain here; phase2/random-read shows a case with a gain. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "mode.h"
#include "single.h"

/* Registers each buffer under the index of its slot. */
static int register_buffers(struct window *w)
{
    const struct slots *slots = &w->buffers.slots;
    struct iovec *all = calloc(slots->count, sizeof *all);
    int rc;

    if (all == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < slots->count; i++) {
        all[i].iov_base = slots_address(slots, i);
        all[i].iov_len = slots->len;
    }
    rc = io_uring_register_buffers(&w->ring->uring, all, slots->count);
    w->ring->counts->system_calls++;
    free(all); /* the kernel has copied the list */
    return rc;
}

static int fixed_setup(struct window *w)
{
    int out = STDOUT_FILENO;
    /* One slot of the table per entry, and the last slot for stdout. */
    int rc = io_uring_register_files_sparse(&w->ring->uring, w->size + 1);

    w->ring->counts->system_calls++;
    if (rc < 0)
        return rc;
    rc = io_uring_register_files_update(&w->ring->uring, w->size, &out, 1);
    w->ring->counts->system_calls++;
    if (rc < 0)
        return rc;
    /* If registration fails, usually because of RLIMIT_MEMLOCK, ordinary reads
     * use the same memory. --stats reports which kind of read was used. */
    w->has_registered_buffers = register_buffers(w) == 0;
    return 0;
}

static void fixed_start(struct window *w, struct entry *e)
{
    struct io_uring_sqe *sqe = window_sqe(w, e, STEP_OPEN);

    e->fd = (int)e->index;
    io_uring_prep_openat_direct(sqe, AT_FDCWD, e->path, O_RDONLY | O_NOCTTY, 0,
                                e->index);
}

static void fixed_read(struct window *w, struct entry *e)
{
    struct slots *slots = &w->buffers.slots;
    struct io_uring_sqe *sqe;
    unsigned char *buf;

    if (!w->has_registered_buffers) {
        single_read(w, e);
        return;
    }
    sqe = window_sqe(w, e, STEP_READ);
    buf = slots_lend(slots, e->set[0]);
    io_uring_prep_read_fixed(sqe, e->fd, buf + e->filled,
                             (unsigned)(slots->len - e->filled), e->offset,
                             (int)e->set[0]);
    sqe->flags |= IOSQE_FIXED_FILE;
}

/* Writes the bytes of one entry from its registered buffer. The bytes of
 * several entries need a vectored write, which supports registered buffers only
 * since Linux 6.15. stdout is a registered file in both cases. */
static void fixed_write(struct window *w, const struct entry *first,
                        const struct iovec *list, unsigned count)
{
    struct io_uring_sqe *sqe = window_sqe(w, NULL, STEP_WRITE);
    int out = (int)w->size;

    if (w->has_registered_buffers && count == 1)
        io_uring_prep_write_fixed(sqe, out, list[0].iov_base,
                                  (unsigned)list[0].iov_len, MODE_STREAM,
                                  (int)first->set[0]);
    else
        io_uring_prep_writev(sqe, out, list, count, MODE_STREAM);
    sqe->flags |= IOSQE_FIXED_FILE;
}

const struct mode mode_fixed = {
    .name = "fixed",
    .words = "registered buffers and files",
    .per_set = 1,
    .is_direct = true,
    .setup = fixed_setup,
    .start = fixed_start,
    .read = fixed_read,
    .close = single_close,
    .write = fixed_write,
};
