/* fixed.c: mode fixed: buffers and files that the ring knows already.
 * Introduced in phase 2. Needs: mode.h, batch_ring.h.
 *
 * What it teaches: each ordinary read makes the kernel look up the descriptor
 * and take a reference to the file, and, where the device writes into our
 * memory itself (O_DIRECT), find and pin the pages of the buffer. Registering
 * does both once. The price: the pages stay pinned, which RLIMIT_MEMLOCK
 * bounds, and a read must lie inside the one buffer that it names.
 *
 * For files in the page cache nothing needs pinning, the bytes are copied: do
 * not expect a gain here; phase2/random-read shows where there is one. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "mode.h"
#include "batch_ring.h"

/* One entry per place, and stdout behind them. */
static int fixed_files(struct batch *b)
{
    int out = STDOUT_FILENO;
    int rc = io_uring_register_files_sparse(&b->ring, b->window + 1);

    b->counts.system_calls++;
    if (rc < 0)
        return rc;
    b->counts.system_calls++;
    rc = io_uring_register_files_update(&b->ring, b->window, &out, 1);
    return rc < 0 ? rc : 0;
}

/* One registered buffer per slot, with the slot's number. */
static int fixed_buffers(struct batch *b)
{
    struct iovec *all = calloc(b->slots.count, sizeof *all);
    int rc;

    if (all == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < b->slots.count; i++) {
        all[i].iov_base = slots_address(&b->slots, i);
        all[i].iov_len = b->slots.len;
    }
    rc = io_uring_register_buffers(&b->ring, all, b->slots.count);
    b->counts.system_calls++;
    free(all); /* the kernel has copied the list */
    return rc;
}

static int fixed_setup(struct batch *b)
{
    int rc = fixed_files(b);

    if (rc < 0)
        return rc;
    /* Refused, most often for want of RLIMIT_MEMLOCK? Ordinary reads into the
     * same memory give the same bytes. --stats shows which it was. */
    b->has_buffers = fixed_buffers(b) == 0;
    return 0;
}

static void fixed_start(struct batch *b, unsigned place)
{
    struct io_uring_sqe *sqe = batch_sqe(b, place, STEP_OPEN);

    b->places[place].fd = (int)place;
    io_uring_prep_openat_direct(sqe, AT_FDCWD, b->places[place].path,
                                O_RDONLY | O_NOCTTY, 0, place);
}

static void fixed_read(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];
    struct io_uring_sqe *sqe;
    unsigned char *buf;

    if (!b->has_buffers) {
        batch_plain_read(b, place);
        return;
    }
    sqe = batch_sqe(b, place, STEP_READ);
    buf = slots_lend(&b->slots, p->slots[0]);
    io_uring_prep_read_fixed(sqe, p->fd, buf + p->filled,
                             (unsigned)(b->slots.len - p->filled), p->offset,
                             (int)p->slots[0]);
    sqe->flags |= IOSQE_FIXED_FILE;
}

/* A run of one place goes out of its registered buffer. A longer one needs an
 * iovec, which for registered buffers exists since Linux 6.15 only; stdout at
 * least is a registered file in both. */
static void fixed_write(struct batch *b, unsigned list_count)
{
    struct place *p = &b->places[b->run[0]];
    struct io_uring_sqe *sqe = batch_sqe(b, b->run[0], STEP_WRITE);
    int out = (int)b->window;

    if (b->has_buffers && list_count == 1)
        io_uring_prep_write_fixed(sqe, out, b->run_list[0].iov_base,
                                  (unsigned)b->run_list[0].iov_len,
                                  BATCH_STREAM, (int)p->slots[0]);
    else
        io_uring_prep_writev(sqe, out, b->run_list, list_count,
                             BATCH_STREAM);
    sqe->flags |= IOSQE_FIXED_FILE;
}

const struct batch_mode batch_fixed = {
    .name = "fixed",
    .words = "registered buffers and files",
    .pieces = 1,
    .is_direct = true,
    .setup = fixed_setup,
    .start = fixed_start,
    .read = fixed_read,
    .close = batch_plain_close,
    .write = fixed_write,
};
