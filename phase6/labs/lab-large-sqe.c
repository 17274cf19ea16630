/* lab-large-sqe.c: SQEs of 128 bytes.
 * Introduced in phase 6. Needs: lab.h, uring_compat.h, uring_setup.h.
 *
 * What it teaches: some commands to an NVMe drive do not fit into an SQE of 64
 * bytes. With SQE128 (5.19) all SQEs of a ring have 128 bytes. With SQE_MIXED
 * (6.19) an SQE with an opcode for large ones takes two entries:
 *
 *      SQE128      [ nop          ][ nop          ]
 *      SQE_MIXED   [ nop ][ nop128       ][ nop ]
 */
#include <errno.h>

#include "lab.h"
#include "uring_compat.h"
#include "uring_setup.h"

enum { SQ = 4 };

static struct io_uring_sqe *queue_nop(struct io_uring *ring, unsigned data)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, data);
    return sqe;
}

static void try_sqe128(void)
{
    struct io_uring_params params = {.flags = IORING_SETUP_SQE128};
    struct io_uring ring;

    if (lab_setup(&ring, SQ, &params) < 0) {
        lab_absent("SQE128", "the kernel does not know it");
        return;
    }
    lab_print("SQE128: two nops");
    queue_nop(&ring, 1);
    lab_result("bytes before the second", 128,
               (int)((char *)queue_nop(&ring, 2) - (char *)ring.sq.sqes));
    lab_result("the second", 0, lab_run(&ring, 2));
    io_uring_queue_exit(&ring);
}

/* Runs a nop128 on a ring with this flag. */
static void try_nop128(const char *name, unsigned flag, int predicted)
{
    struct io_uring_params params = {.flags = flag};
    struct io_uring ring;

    if (lab_setup(&ring, SQ, &params) < 0) {
        lab_absent(name, "the kernel does not know it");
        return;
    }
    lab_print(name);
    queue_nop(&ring, 1)->opcode = UR_OP_NOP128;
    if (flag & UR_SETUP_SQE_MIXED)
        (void)io_uring_get_sqe(&ring); /* its second half */
    lab_result("a nop128", predicted, lab_run(&ring, 1));
    io_uring_queue_exit(&ring);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-large-sqe",
                           "How does an SQE of 128 bytes fit into a ring?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, SQ, 0, 0) < 0)
        return LAB_USAGE;
    io_uring_queue_exit(&ring);
    try_sqe128();
    try_nop128("a plain ring", 0, -EINVAL);
    try_nop128("SQE_MIXED", UR_SETUP_SQE_MIXED, 0);
    return lab_end();
}
