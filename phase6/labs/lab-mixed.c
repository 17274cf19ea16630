/* lab-mixed.c: entries of two sizes.
 * Introduced in phase 6. Needs: lab.h, uring_compat.h, uring_setup.h.
 *
 * What it teaches: an SQE has 64 bytes, and a CQE has 16. Some commands to an
 * NVMe drive, and the time stamp of a packet, need more.
 *
 *      SQE128, CQE32   all entries have twice the size            5.19
 *      CQE_MIXED       a CQE with F_32 takes two entries          6.18
 *      SQE_MIXED       an SQE with a 128-byte opcode takes two    6.19
 *
 * With CQE_MIXED a large CQE is never split at the end of the CQ. Instead the
 * last entry gets F_SKIP: it is a filler, and not a completion. SQ_REWIND (7.0)
 * is another saving. The kernel reads each batch from the first SQE on, so that
 * small batches always use the same cache lines. */
#include <errno.h>

#include "lab.h"
#include "uring_compat.h"
#include "uring_setup.h"

enum { SQ = 4, CQ = 8, OFF = 1001, ADDR = 2002 };

/* Queues a nop. If is_large, its CQE has 32 bytes and returns off and addr. */
static void queue_nop(struct io_uring *ring, unsigned data, bool is_large)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, data);
    if (is_large) {
        sqe->rw_flags = UR_NOP_CQE32; /* nop_flags */
        sqe->off = OFF;
        sqe->addr = ADDR;
    }
}

/* Prints the kind of the CQE whose first 16 bytes are this entry of the CQ. */
static void look(const struct io_uring *ring, unsigned i, const char *predicted)
{
    const struct io_uring_cqe *cqe = &ring->cq.cqes[i];
    const char *seen = "small";

    if (cqe->flags & UR_CQE_F_SKIP)
        seen = "filler";
    else if ((cqe->flags & UR_CQE_F_32) && cqe->big_cqe[0] == OFF &&
             cqe->big_cqe[1] == ADDR)
        seen = "large";
    lab_text("a CQE", predicted, seen);
}

static void try_cqe_mixed(void)
{
    struct io_uring_params params = {.flags = UR_SETUP_CQE_MIXED};
    struct io_uring ring;

    if (lab_setup(&ring, SQ, &params) < 0) {
        lab_absent("CQE_MIXED", "the kernel does not know it");
        return;
    }
    lab_print("CQE_MIXED: one small nop and three large ones, in a CQ of 8");
    queue_nop(&ring, 1, false);
    for (unsigned i = 2; i <= SQ; i++)
        queue_nop(&ring, i, true);
    io_uring_submit(&ring);
    lab_result("entries", 7, (int)io_uring_cq_ready(&ring));
    look(&ring, 0, "small");
    look(&ring, 1, "large");
    look(&ring, 3, "large");
    look(&ring, 5, "large");
    io_uring_cq_advance(&ring, 7);

    lab_print("CQE_MIXED: a large one, with one entry left before the end");
    queue_nop(&ring, 1, true);
    io_uring_submit(&ring);
    lab_result("entries", 3, (int)io_uring_cq_ready(&ring));
    look(&ring, 7, "filler");
    look(&ring, 0, "large");
    io_uring_queue_exit(&ring);
}

/* All entries are large. */
static void try_large(void)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SQE128 | IORING_SETUP_CQE32,
    };
    struct io_uring ring;

    if (lab_setup(&ring, SQ, &params) < 0) {
        lab_absent("SQE128 and CQE32", "the kernel does not know them");
        return;
    }
    lab_print("SQE128 and CQE32: two nops");
    queue_nop(&ring, 41, false);
    queue_nop(&ring, 42, false);
    io_uring_submit(&ring);
    lab_result("user_data at byte 128 of the SQEs", 42,
               (int)ring.sq.sqes[2].user_data);
    lab_result("user_data at byte 32 of the CQEs", 42,
               (int)ring.cq.cqes[2].user_data);
    io_uring_queue_exit(&ring);
}

/* Runs a nop with an SQE of 128 bytes. */
static void try_sqe_mixed(unsigned flag, const char *name, int predicted)
{
    struct io_uring_params params = {.flags = flag};
    struct io_uring_sqe *sqe;
    struct io_uring ring;

    if (lab_setup(&ring, SQ, &params) < 0) {
        lab_absent(name, "the kernel does not know it");
        return;
    }
    sqe = io_uring_get_sqe(&ring);
    io_uring_prep_rw(UR_OP_NOP128, sqe, -1, NULL, 0, 0);
    io_uring_sqe_set_data64(sqe, 1);
    if (flag != 0)
        (void)io_uring_get_sqe(&ring); /* its second half */
    lab_print(name);
    lab_result("a nop of 128 bytes", predicted, lab_run(&ring, 1));
    io_uring_queue_exit(&ring);
}

static void try_sq_rewind(void)
{
    struct io_uring_params params = {.flags = UR_SETUP_SQ_REWIND};
    struct io_uring ring;

    if (ur_init(&ring, SQ, &params) < 0) {
        lab_absent("SQ_REWIND", "the kernel does not know it");
        return;
    }
    lab_print("SQ_REWIND: the first SQE is submitted three times");
    for (unsigned i = 0; i < 3; i++) {
        io_uring_prep_nop(&ring.sq.sqes[0]);
        ring.sq.sqes[0].user_data = i;
        (void)io_uring_enter((unsigned)ring.ring_fd, 1, 1,
                             IORING_ENTER_GETEVENTS, NULL);
        lab_result("user_data", (int)i, (int)ring.cq.cqes[i].user_data);
    }
    io_uring_queue_exit(&ring);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-mixed",
                           "How do large entries fit into a ring?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, SQ, 0, 0) < 0)
        return LAB_USAGE;
    io_uring_queue_exit(&ring);
    try_large();
    try_cqe_mixed();
    try_sqe_mixed(0, "a plain ring", -EINVAL);
    try_sqe_mixed(UR_SETUP_SQE_MIXED, "SQE_MIXED", 0);
    try_sq_rewind();
    return lab_end();
}
