/* lab-resize.c: a larger CQ for a ring that is in use.
 * Introduced in phase 6. Needs: lab.h.
 *
 * What it teaches: io_uring_setup fixes the sizes of a ring. Since 6.13
 * REGISTER_RESIZE_RINGS changes them while operations are in flight. The kernel
 * allocates new queues and copies the CQEs that the program has not taken. The
 * program then maps the new queues and unmaps the old ones:
 *
 *      old CQ  [ 2 3 4 5 ]
 *      new CQ  [ 2 3 4 5 . . . . . . . . . . . . ]
 *
 * The ring needs DEFER_TASKRUN: then no completion is posted between the copy
 * and the new mapping. This ring also has NO_SQARRAY, because Linux 6.18 does
 * not report the offset of the new array of indices. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab.h"
#include "uring_compat.h"
#include "uring_setup.h"

enum { OLD = 4, NEW = 16, ALL = 9 };

/* Resizes the CQ to cq entries. On success the ring uses the new memory. */
static int resize(struct io_uring *ring, unsigned cq)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_CQSIZE,
        .sq_entries = OLD,
        .cq_entries = cq,
    };
    struct io_uring old = *ring;
    int rc = io_uring_register(ring->ring_fd, UR_REGISTER_RESIZE_RINGS, &params,
                               1);

    if (rc < 0)
        return rc;
    /* The kernel does not fill these, and io_uring_queue_mmap needs them. */
    params.flags = old.flags;
    params.features = old.features;
    rc = io_uring_queue_mmap(old.ring_fd, &params, ring);
    if (rc < 0)
        return rc;
    ring->sq.sqe_head = old.sq.sqe_head;
    ring->sq.sqe_tail = old.sq.sqe_tail;
    munmap(old.sq.sqes, OLD * sizeof *old.sq.sqes);
    munmap(old.sq.ring_ptr, old.sq.ring_sz);
    return 0;
}

static void submit_nops(struct io_uring *ring, unsigned data)
{
    for (unsigned i = 0; i < OLD; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_nop(sqe);
        io_uring_sqe_set_data64(sqe, data + i);
    }
    ur_submit(ring, 0, 0);
}

/* Takes CQEs as long as they come in the order 2, 3, ... 9, 1. Returns their
 * number. */
static int take(struct io_uring *ring)
{
    struct io_uring_cqe *cqe;
    unsigned count = 0;

    while (count < ALL && io_uring_peek_cqe(ring, &cqe) == 0 &&
           cqe->user_data == (count + 1) % ALL + 1) {
        io_uring_cqe_seen(ring, cqe);
        count++;
    }
    return (int)count;
}

/* Starts a read of an empty pipe, and fills the CQ with nops. Resizes the CQ if
 * is_resized. Then lets four more nops complete, and the read. */
static void fill(struct io_uring *ring, bool is_resized)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    int fds[2];
    char c;

    lab_pipe(fds);
    io_uring_prep_read(sqe, fds[0], &c, 1, 0);
    io_uring_sqe_set_data64(sqe, 1);
    ur_submit(ring, 0, 0);
    submit_nops(ring, 2);
    lab_result("CQEs in the CQ", OLD, (int)io_uring_cq_ready(ring));
    if (is_resized)
        lab_result("resizing it to 16", 0, resize(ring, NEW));
    submit_nops(ring, 6);
    if (write(fds[1], "x", 1) == 1)
        ur_submit(ring, 0, 0);
    lab_truth("5 more completions overflow it", !is_resized,
              (*(volatile unsigned *)ring->sq.kflags &
               IORING_SQ_CQ_OVERFLOW) != 0);
    lab_result("CQEs in their order", ALL, take(ring));
    close(fds[0]);
    close(fds[1]);
    io_uring_queue_exit(ring);
}

int main(int argc, char **argv)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_CQSIZE,
        .cq_entries = OLD,
    };
    struct io_uring ring, plain;
    int code = lab_options(argc, argv, "lab-resize",
                           "Can a ring in use get a larger CQ?");

    if (code != -1)
        return code;
    if (lab_ring(&plain, OLD, 0, 0) < 0)
        return LAB_USAGE;
    if (ur_init(&ring, OLD, &params) < 0 || resize(&ring, OLD) < 0) {
        lab_absent("RESIZE_RINGS", "the kernel does not know it");
        return lab_end();
    }
    lab_print("a CQ of 4 that is full, and a read of an empty pipe in flight");
    fill(&ring, true);
    if (ur_init(&ring, OLD, &params) < 0)
        return LAB_USAGE;
    lab_print("the same without a resize");
    fill(&ring, false);
    lab_print("a ring without DEFER_TASKRUN");
    lab_result("resizing its CQ to 16", -EINVAL, resize(&plain, NEW));
    io_uring_queue_exit(&plain);
    return lab_end();
}
