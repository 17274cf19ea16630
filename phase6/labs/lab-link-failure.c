/* lab-link-failure.c: which failures break a link.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: if an operation of a chain fails, the kernel cancels the
 * rest. That is what the manual page says, and what Linux did up to 5.19. On
 * Linux 6.18, many operations on files fail without breaking the link:
 *
 *      write --LINK--> fsync --LINK--> rename
 *                      -EIO            runs, and publishes a file whose data
 *                                      may not be on the disk
 *
 * So link only operations that move bytes or return a descriptor. Wait for the
 * CQE of an fsync before you submit what depends on it. And do not set
 * CQE_SKIP_SUCCESS on an fsync: for this flag the failure is not one either, so
 * no CQE reports it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "lab.h"

enum { FAILS = 1, NEXT = 2 };

static const char none[] = "/proc/there-is-no-such-file";

/* Prepares an operation that fails. fd is the end of a pipe from which one
 * reads, so it can be neither written nor synced. */
static void prepare(struct io_uring_sqe *sqe, int opcode, int fd)
{
    static struct statx status;

    switch (opcode) {
    case IORING_OP_WRITE:
        io_uring_prep_write(sqe, fd, "x", 1, 0);
        break;
    case IORING_OP_OPENAT:
        io_uring_prep_openat(sqe, AT_FDCWD, none, O_RDONLY, 0);
        break;
    case IORING_OP_CLOSE:
        io_uring_prep_close(sqe, INT_MAX);
        break;
    case IORING_OP_FSYNC:
        io_uring_prep_fsync(sqe, fd, 0);
        break;
    case IORING_OP_FALLOCATE:
        io_uring_prep_fallocate(sqe, fd, 0, 0, 1);
        break;
    case IORING_OP_STATX:
        io_uring_prep_statx(sqe, AT_FDCWD, none, 0, STATX_SIZE, &status);
        break;
    case IORING_OP_RENAMEAT:
        io_uring_prep_renameat(sqe, AT_FDCWD, none, AT_FDCWD, none, 0);
        break;
    case IORING_OP_UNLINKAT:
        io_uring_prep_unlinkat(sqe, AT_FDCWD, none, 0);
        break;
    default:
        io_uring_prep_mkdirat(sqe, AT_FDCWD, "/", 0700);
    }
}

/* Prepares the operation, and a nop that is linked to it. */
static void prepare_chain(struct io_uring *ring, int fd, int opcode,
                          unsigned flags)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    prepare(sqe, opcode, fd);
    sqe->flags |= (uint8_t)(IOSQE_IO_LINK | flags);
    io_uring_sqe_set_data64(sqe, FAILS);
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, NEXT);
}

/* Predicts both results. */
static void run_chain(struct io_uring *ring, int fd, int opcode,
                      const char *what, const int results[2])
{
    struct io_uring_cqe cqes[2];

    prepare_chain(ring, fd, opcode, 0);
    lab_take(ring, cqes, 2);
    lab_result(what, results[0], lab_res(cqes, 2, FAILS));
    lab_result("the nop after it", results[1], lab_res(cqes, 2, NEXT));
}

/* Predicts whose CQE is the only one if the operation may skip its own. */
static void skip_success(struct io_uring *ring, int fd, int opcode,
                         const char *what, int predicted)
{
    struct io_uring_cqe cqe;

    prepare_chain(ring, fd, opcode, IOSQE_CQE_SKIP_SUCCESS);
    lab_take(ring, &cqe, 1);
    lab_result(what, predicted, (int)cqe.user_data);
}

static const struct {
    int opcode;
    const char *what;
    int results[2];
} failures[] = {
    {IORING_OP_WRITE, "write", {-EBADF, -ECANCELED}},
    {IORING_OP_OPENAT, "openat", {-ENOENT, -ECANCELED}},
    {IORING_OP_CLOSE, "close", {-EBADF, -ECANCELED}},
    {IORING_OP_FSYNC, "fsync", {-EINVAL, 0}},
    {IORING_OP_FALLOCATE, "fallocate", {-EBADF, 0}},
    {IORING_OP_STATX, "statx", {-ENOENT, 0}},
    {IORING_OP_RENAMEAT, "renameat", {-ENOENT, 0}},
    {IORING_OP_UNLINKAT, "unlinkat", {-ENOENT, 0}},
    {IORING_OP_MKDIRAT, "mkdirat", {-EEXIST, 0}},
};

int main(int argc, char **argv)
{
    struct io_uring ring;
    int fds[2], code = lab_options(argc, argv, "lab-link-failure",
                                   "Which failures break a link?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_pipe(fds);
    lab_print("an operation that fails, linked to a nop (on Linux 5.19 and "
              "older: always -ECANCELED)");
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        run_chain(&ring, fds[0], failures[i].opcode, failures[i].what,
                  failures[i].results);
    lab_print("with CQE_SKIP_SUCCESS, is the failure (1) or the nop (2) "
              "reported?");
    skip_success(&ring, fds[0], IORING_OP_WRITE, "write", FAILS);
    skip_success(&ring, fds[0], IORING_OP_FSYNC, "fsync", NEXT);
    io_uring_queue_exit(&ring);
    return lab_end();
}
