/* commit.c: makes bytes durable; see commit.h.
 *
 * What it teaches: a link guarantees an order, and nothing else.
 *
 *      write --LINK--> fsync           one system call, two CQEs
 *
 * The fsync begins after the write has ended, and a write that fails or is
 * short cancels it. But since Linux 6.0 a failed fsync does not break a link.
 * So nothing is linked to the fsync: this file reads both CQEs before any task
 * learns that the bytes are durable.
 *
 * This file uses struct op and a future, without await.h: an interruption of
 * the task must not cancel one of the two operations, and -ECANCELED must
 * arrive as the kernel posted it. */
#include "commit.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>

#include "err.h"
#include "future.h"
#include "loop.h"

struct step {
    struct op op;
    struct future future;
};

static void step_on_complete(struct op *op, int result, uint32_t flags)
{
    (void)flags;
    future_complete(&container_of(op, struct step, op)->future, result);
}

/* DOC: wal-commit. Submits the write and the fsync together, and waits for both
 * CQEs. Returns the result of the write, and stores that of the fsync in
 * *synced. */
static int commit_await_both(int fd, const char *bytes, size_t len,
                             uint64_t offset, int *synced)
{
    struct step write = {.op.complete = step_on_complete};
    struct step sync = {.op.complete = step_on_complete};
    struct io_uring_sqe *sqe;
    int wrote;

    loop_await_slot();
    ring_reserve(&loop_current()->ring, 2);
    sqe = loop_sqe(&write.op);
    io_uring_prep_write(sqe, fd, bytes, (unsigned)len, offset);
    sqe->flags |= IOSQE_IO_LINK;
    /* A wait between the two SQEs would put an SQE of another task there. */
    assert(loop_has_slot());
    sqe = loop_sqe(&sync.op);
    io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
    wrote = future_wait_until_done(&write.future, NULL);
    *synced = future_wait_until_done(&sync.future, NULL);
    return wrote;
}

/* Returns the error that the results report, or 0. After a short write, the
 * fsync should have been cancelled. If it was not, its failure counts. */
static int failure_of(int wrote, size_t len, int synced)
{
    bool is_short = wrote >= 0 && (size_t)wrote < len;

    if (wrote == 0)
        return -EIO; /* no progress, but no errno either */
    if (is_short && synced == -ECANCELED)
        return 0;
    if (wrote > 0)
        wrote = synced < 0 ? synced : 0;
    /* This program cancels neither operation. */
    return wrote == -ECANCELED ? -ERR_NO_WORKER : wrote;
}

int commit_await_bytes(int fd, const char *bytes, size_t len, uint64_t offset)
{
    while (len > 0) {
        int synced;
        int wrote = commit_await_both(fd, bytes, len, offset, &synced);
        int rc = failure_of(wrote, len, synced);

        if (rc < 0)
            return rc;
        bytes += wrote;
        len -= (size_t)wrote;
        offset += (uint64_t)wrote;
    }
    return 0;
}
