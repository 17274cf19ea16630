/* lab-sqpoll.c: a kernel thread that polls the SQ, and how to wake it.
 * Introduced in phase 2. Needs: lab.h, err.h, sys.h.
 *
 * What it teaches: with SETUP_SQPOLL a submit is a store to memory, not a
 * system call. The cost is a kernel thread that spins. It goes to sleep after
 * sq_thread_idle milliseconds without work (0 means 1000). Before that it sets
 * NEED_WAKEUP, and the next submit has to be a system call:
 *
 *      the program                     the kernel thread
 *      store the tail                  set NEED_WAKEUP
 *      full fence                      full fence
 *      read NEED_WAKEUP                read the tail once more, then sleep
 *
 * Without the fences, each side could read before the other side's store is
 * visible. The kernel thread would sleep, and the SQE would stay in the SQ.
 * io_uring_submit does the program's part. In this lab, needs_wakeup reads the
 * flag once more, only to show it. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "err.h"
#include "lab.h"
#include "sys.h"

#define DEADLINE_NS UINT64_C(10000000000)

static bool needs_wakeup(const struct io_uring *ring)
{
    atomic_thread_fence(memory_order_seq_cst);
    return (*(volatile unsigned *)ring->sq.kflags & IORING_SQ_NEED_WAKEUP) != 0;
}

/* Submits a nop, and reads the CQ in memory until the nop has completed.
 * Returns the number of completions: 1, or 0 at the deadline. */
static int nop(struct io_uring *ring)
{
    uint64_t deadline_ns = sys_now_ns() + DEADLINE_NS;

    io_uring_prep_nop(io_uring_get_sqe(ring));
    io_uring_submit(ring);
    while (io_uring_cq_ready(ring) == 0 && sys_now_ns() < deadline_ns)
        ;
    if (io_uring_cq_ready(ring) == 0)
        return 0;
    io_uring_cq_advance(ring, 1);
    return 1;
}

static int make(struct io_uring *ring, unsigned idle_ms)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SQPOLL,
        .sq_thread_idle = idle_ms,
    };

    return io_uring_queue_init_params(4, ring, &params);
}

/* Runs the nop on an ordinary ring. Any program that can work without SQPOLL
 * should have such a fallback. */
static int fall_back(int refusal)
{
    struct io_uring ring;

    printf("SQPOLL is refused: %s (%s); using an ordinary ring\n",
           err_words(refusal), err_name(refusal));
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    lab_result("nops completed", 1, nop(&ring));
    io_uring_queue_exit(&ring);
    return lab_end();
}

int main(int argc, char **argv)
{
    struct io_uring ring;
    uint64_t deadline_ns;
    int completed = 0, wakeups = 0, code, rc;

    code = lab_options(argc, argv, "lab-sqpoll",
                       "How does a kernel thread submit for the program?");
    if (code != -1)
        return code;
    rc = make(&ring, 5000);
    if (rc < 0)
        return fall_back(rc);
    lab_print("an idle time of 5 s: the kernel thread is still awake");
    nop(&ring); /* a new thread sleeps immediately: wake it */
    for (int i = 0; i < 100; i++) {
        wakeups += needs_wakeup(&ring);
        completed += nop(&ring);
    }
    lab_result("nops completed", 100, completed);
    lab_result("system calls for them", 0, wakeups);
    io_uring_queue_exit(&ring);

    rc = make(&ring, 20);
    if (rc < 0)
        return fall_back(rc);
    lab_print("an idle time of 20 ms: the kernel thread goes to sleep");
    deadline_ns = sys_now_ns() + DEADLINE_NS;
    while (!needs_wakeup(&ring) && sys_now_ns() < deadline_ns)
        ;
    lab_truth("NEED_WAKEUP", true, needs_wakeup(&ring));
    lab_result("nops completed by a submit that wakes it", 1, nop(&ring));
    io_uring_queue_exit(&ring);
    return lab_end();
}
