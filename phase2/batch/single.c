/* single.c: modes single and batch, with the same operations.
 * Introduced in phase 2. Needs: mode.h, single.h.
 *
 * What it teaches: an SQE describes a system call: opcode, descriptor, address,
 * length. SQEs are cheaper than calls only if one submit carries several SQEs.
 * Mode single submits each operation alone and waits for it. That is one system
 * call per operation, as without a ring, plus the overhead of the ring. Mode
 * batch queues each operation that can run now, for all entries of the window,
 * and then enters the kernel once. */
#include "single.h"

#include <fcntl.h>
#include <unistd.h>

#include "mode.h"

void single_start(struct window *w, struct entry *e)
{
    struct io_uring_sqe *sqe = window_sqe(w, e, STEP_OPEN);

    io_uring_prep_openat(sqe, AT_FDCWD, e->path,
                         O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
}

/* Continues where the last read ended, and reads into the rest of the buffer. A
 * short read is not the end of the file; only a read of 0 bytes is. */
void single_read(struct window *w, struct entry *e)
{
    struct slots *slots = &w->buffers.slots;
    struct io_uring_sqe *sqe = window_sqe(w, e, STEP_READ);
    unsigned char *buf = slots_lend(slots, e->set[0]);

    io_uring_prep_read(sqe, e->fd, buf + e->filled,
                       (unsigned)(slots->len - e->filled), e->offset);
    if (w->is_direct)
        sqe->flags |= IOSQE_FIXED_FILE;
}

void single_close(struct window *w, struct entry *e)
{
    struct io_uring_sqe *sqe = window_sqe(w, e, STEP_CLOSE);

    if (w->is_direct)
        io_uring_prep_close_direct(sqe, (unsigned)e->fd);
    else
        io_uring_prep_close(sqe, e->fd);
    e->is_open = false; /* a close that fails releases fd, too */
}

void single_write(struct window *w, const struct entry *first,
                  const struct iovec *list, unsigned count)
{
    struct io_uring_sqe *sqe = window_sqe(w, NULL, STEP_WRITE);

    (void)first;
    if (count == 1)
        io_uring_prep_write(sqe, STDOUT_FILENO, list[0].iov_base,
                            (unsigned)list[0].iov_len, MODE_STREAM);
    else
        io_uring_prep_writev(sqe, STDOUT_FILENO, list, count, MODE_STREAM);
}

const struct mode mode_single = {
    .name = "single",
    .words = "one operation at a time: shows the cost of a ring",
    .per_set = 1,
    .is_serial = true,
    .start = single_start,
    .read = single_read,
    .close = single_close,
    .write = single_write,
};

const struct mode mode_batch = {
    .name = "batch",
    .words = "many operations per submit",
    .per_set = 1,
    .start = single_start,
    .read = single_read,
    .close = single_close,
    .write = single_write,
};
