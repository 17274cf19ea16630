/* lab-share.c: two rings with one polling thread.
 * Introduced in phase 6. Needs: lab.h, threads.h.
 *
 * What it teaches: a ring with SQPOLL has a kernel thread that polls its SQ.
 * Ten such rings would have ten threads that spin. With ATTACH_WQ a new ring
 * uses the thread of an older ring, whose descriptor is params.wq_fd:
 *
 *      ring 1  SQ --+
 *                   +--> one iou-sqp thread      fdinfo: SqThread: 4711
 *      ring 2  SQ --+                            fdinfo: SqThread: 4711
 *
 * The thread visits one SQ after the other, so each ring waits for the others.
 * SQPOLL excludes DEFER_TASKRUN: the polling thread posts the completions. */
#include <errno.h>

#include "lab.h"
#include "threads.h"

/* Makes a ring with SQPOLL and these flags. If first is not NULL, the new ring
 * uses its polling thread. */
static int make(struct io_uring *ring, unsigned flags,
                const struct io_uring *first)
{
    struct io_uring_params params = {.flags = IORING_SETUP_SQPOLL | flags};

    if (first != NULL) {
        params.flags |= IORING_SETUP_ATTACH_WQ;
        params.wq_fd = (unsigned)first->ring_fd;
    }
    return io_uring_queue_init_params(4, ring, &params);
}

/* Runs a nop. After it, the polling thread has started and has its name. */
static int nop(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

int main(int argc, char **argv)
{
    struct io_uring first, second, third, ring;
    int tid;
    int code = lab_options(argc, argv, "lab-share",
                           "Can two rings share a polling thread?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    if (!(ring.features & IORING_FEAT_NATIVE_WORKERS) ||
        make(&first, 0, NULL) < 0) {
        lab_absent("SQPOLL", "the kernel refuses it or hides its threads");
        return lab_end();
    }
    lab_print("a second ring with ATTACH_WQ");
    lab_result("io_uring_setup", 0, make(&second, 0, &first));
    lab_result("a nop on the first", 0, nop(&first));
    lab_result("a nop on the second", 0, nop(&second));
    lab_result("polling threads", 1, threads_count("iou-sqp", 1, &tid));
    lab_truth("both rings name the same thread", true,
              threads_poller(&first) == threads_poller(&second));

    lab_print("a third ring without it");
    lab_result("io_uring_setup", 0, make(&third, 0, NULL));
    lab_result("a nop on it", 0, nop(&third));
    lab_result("polling threads", 2, threads_count("iou-sqp", 2, &tid));

    lab_print("a ring with DEFER_TASKRUN, too");
    lab_result("io_uring_setup", -EINVAL,
               make(&ring, IORING_SETUP_SINGLE_ISSUER |
                               IORING_SETUP_DEFER_TASKRUN,
                    NULL));
    io_uring_queue_exit(&third);
    io_uring_queue_exit(&second);
    io_uring_queue_exit(&first);
    return lab_end();
}
