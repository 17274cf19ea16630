/* plain.c: modes single and batch: the same operations, other company.
 * Introduced in phase 2. Needs: mode.h, batch_ring.h.
 *
 * What it teaches: an operation on the ring is a system call written down: the
 * opcode, the descriptor, the address, the length. What makes it cheaper than
 * the call is company, and only that. Mode single submits each alone and waits
 * for it: one system call per operation, as before, plus the ring's own work.
 * Mode batch writes down whatever can be done now, for all places of the
 * window, and enters the kernel once for all of it. */
#include <fcntl.h>
#include <unistd.h>

#include "mode.h"
#include "batch_ring.h"

void batch_plain_start(struct batch *b, unsigned place)
{
    struct io_uring_sqe *sqe = batch_sqe(b, place, STEP_OPEN);

    io_uring_prep_openat(sqe, AT_FDCWD, b->places[place].path,
                         O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
}

/* Reads on from where the last read ended, into what is left of the buffer: a
 * short read is not the end of the file, only a read of 0 bytes is. */
void batch_plain_read(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];
    struct io_uring_sqe *sqe = batch_sqe(b, place, STEP_READ);
    unsigned char *buf = slots_lend(&b->slots, p->slots[0]);

    io_uring_prep_read(sqe, p->fd, buf + p->filled,
                       (unsigned)(b->slots.len - p->filled), p->offset);
    if (b->mode->is_direct)
        sqe->flags |= IOSQE_FIXED_FILE;
}

void batch_plain_close(struct batch *b, unsigned place)
{
    struct place *p = &b->places[place];
    struct io_uring_sqe *sqe = batch_sqe(b, place, STEP_CLOSE);

    if (b->mode->is_direct)
        io_uring_prep_close_direct(sqe, (unsigned)p->fd);
    else
        io_uring_prep_close(sqe, p->fd);
    p->is_open = false; /* whatever close says, the descriptor is gone */
}

void batch_plain_write(struct batch *b, unsigned list_count)
{
    struct io_uring_sqe *sqe = batch_sqe(b, b->run[0], STEP_WRITE);

    if (list_count == 1)
        io_uring_prep_write(sqe, STDOUT_FILENO, b->run_list[0].iov_base,
                            (unsigned)b->run_list[0].iov_len, BATCH_STREAM);
    else
        io_uring_prep_writev(sqe, STDOUT_FILENO, b->run_list, list_count,
                             BATCH_STREAM);
}

const struct batch_mode batch_single = {
    .name = "single",
    .words = "one operation at a time: what a ring costs without company",
    .pieces = 1,
    .is_serial = true,
    .start = batch_plain_start,
    .read = batch_plain_read,
    .close = batch_plain_close,
    .write = batch_plain_write,
};

const struct batch_mode batch_batch = {
    .name = "batch",
    .words = "many operations per submit",
    .pieces = 1,
    .start = batch_plain_start,
    .read = batch_plain_read,
    .close = batch_plain_close,
    .write = batch_plain_write,
};
