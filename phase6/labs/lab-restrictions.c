/* lab-restrictions.c: a ring that accepts only some operations.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: a ring can be limited before its first use.
 *
 *      io_uring_setup      R_DISABLED: nothing can be submitted yet
 *      io_uring_register   REGISTER_FILES: the files that the ring may use
 *      io_uring_register   REGISTER_RESTRICTIONS: once, and final
 *      io_uring_register   REGISTER_ENABLE_RINGS
 *
 * This ring may only read, and only registered files. Any other SQE completes
 * with -EACCES, and any further io_uring_register fails with -EACCES. A seccomp
 * filter cannot do this, because it does not see SQEs. The shared library of
 * liburing 2.3 lacks functions for two of these calls, so the lab makes them
 * with io_uring_register. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lab.h"

static int reg(const struct io_uring *ring, unsigned op, const void *arg,
               unsigned count)
{
    return io_uring_register((unsigned)ring->ring_fd, op, arg, count);
}

static int restrict_ring(const struct io_uring *ring)
{
    struct io_uring_restriction rules[] = {
        {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_READ},
        {.opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED,
         .sqe_flags = IOSQE_FIXED_FILE},
        /* A flag that is neither required nor allowed is refused, too. */
        {.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED,
         .sqe_flags = IOSQE_IO_LINK},
    };

    return reg(ring, IORING_REGISTER_RESTRICTIONS, rules,
               sizeof rules / sizeof *rules);
}

/* Runs an operation on file, with these flags of the SQE. */
static int run(struct io_uring *ring, int op, int file, unsigned flags)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    static char buf[16];

    io_uring_prep_rw(op, sqe, file, buf, sizeof buf, 0);
    io_uring_sqe_set_data64(sqe, 1);
    sqe->flags = (unsigned char)flags;
    return lab_run(ring, 1);
}

/* Registers a file and the rules, and enables the ring. */
static void set_up(struct io_uring *ring, int file)
{
    lab_print("a ring with R_DISABLED");
    lab_result("a submit", -EBADFD, io_uring_submit_and_wait(ring, 1));
    lab_result("registering a file", 0,
               reg(ring, IORING_REGISTER_FILES, &file, 1));
    lab_result("restrictions", 0, restrict_ring(ring));
    lab_result("the restrictions once more", -EBUSY, restrict_ring(ring));
    lab_result("enabling the ring", 0,
               reg(ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
}

int main(int argc, char **argv)
{
    struct io_uring_params params = {.flags = IORING_SETUP_R_DISABLED};
    const unsigned fixed = IOSQE_FIXED_FILE;
    struct io_uring ring, open_ring;
    int file;
    int code = lab_options(argc, argv, "lab-restrictions",
                           "What can a restricted ring do?");

    if (code != -1)
        return code;
    if (lab_ring(&open_ring, 4, 0, 0) < 0 || lab_setup(&ring, 4, &params) < 0)
        return LAB_USAGE;
    file = lab_file("hello", 5);
    set_up(&ring, file);
    lab_print("the ring is enabled: only reads, only of registered files");
    lab_result("a read of registered file 0", 5,
               run(&ring, IORING_OP_READ, 0, fixed));
    lab_result("with LINK, which is allowed", 5,
               run(&ring, IORING_OP_READ, 0, fixed | IOSQE_IO_LINK));
    lab_result("with ASYNC, which is not", -EACCES,
               run(&ring, IORING_OP_READ, 0, fixed | IOSQE_ASYNC));
    lab_result("a read of a descriptor", -EACCES,
               run(&ring, IORING_OP_READ, file, 0));
    lab_result("a write to registered file 0", -EACCES,
               run(&ring, IORING_OP_WRITE, 0, fixed));
    lab_result("registering buffers", -EACCES,
               reg(&ring, IORING_REGISTER_BUFFERS, NULL, 0));

    lab_print("a ring without R_DISABLED");
    lab_result("restrictions", -EBADFD, restrict_ring(&open_ring));
    lab_result("a read of a descriptor", 5,
               run(&open_ring, IORING_OP_READ, file, 0));
    io_uring_queue_exit(&ring);
    io_uring_queue_exit(&open_ring);
    close(file);
    return lab_end();
}
