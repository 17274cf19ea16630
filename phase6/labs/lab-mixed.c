/* lab-mixed.c: CQEs of two sizes in one ring.
 * Introduced in phase 6. Needs: lab.h, uring_setup.h.
 *
 * What it teaches: a CQE has 16 bytes. The time stamp of a packet and some
 * results of an NVMe drive need more.
 *
 *      CQE32       every CQE has 32 bytes                       5.19
 *      CQE_MIXED   a CQE with F_32 takes two entries            6.18
 *
 *      CQE_MIXED   [ small ][ large        ][ small ][ filler ]
 *
 * A large CQE is never split at the end of the CQ. Instead the last entry gets
 * F_SKIP: it is a filler, and not a completion. */
#include "lab.h"
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

/* Prints the kind of the CQE that begins at entry i of the CQ. */
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

static void try_cqe32(void)
{
    struct io_uring_params params = {.flags = IORING_SETUP_CQE32};
    struct io_uring ring;

    if (lab_setup(&ring, SQ, &params) < 0) {
        lab_absent("CQE32", "the kernel does not know it");
        return;
    }
    lab_print("CQE32: two nops");
    queue_nop(&ring, 41, false);
    queue_nop(&ring, 42, false);
    io_uring_submit(&ring);
    lab_result("user_data at byte 0 of the CQ", 41,
               (int)ring.cq.cqes[0].user_data);
    lab_result("user_data at byte 32 of the CQ", 42,
               (int)ring.cq.cqes[2].user_data);
    io_uring_queue_exit(&ring);
}

static void try_mixed(void)
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
    look(&ring, CQ - 1, "filler");
    look(&ring, 0, "large");
    io_uring_queue_exit(&ring);
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-mixed",
                           "How do large CQEs fit into a ring?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, SQ, 0, 0) < 0)
        return LAB_USAGE;
    io_uring_queue_exit(&ring);
    try_cqe32();
    try_mixed();
    return lab_end();
}
