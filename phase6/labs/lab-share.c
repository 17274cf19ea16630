/* lab-share.c: two rings with one polling thread, and where that thread runs.
 * Introduced in phase 6. Needs: lab.h, sys.h, threads.h.
 *
 * What it teaches: a ring with SQPOLL has a kernel thread that polls its SQ.
 * Ten such rings would have ten threads that spin. With ATTACH_WQ a new ring
 * uses the thread of an older ring, whose descriptor is params.wq_fd:
 *
 *      ring 1  SQ --+
 *                   +--> one iou-sqp thread      fdinfo: SqThread: 4711
 *      ring 2  SQ --+                            fdinfo: SqThread: 4711
 *
 * SQ_AFF binds the thread to the CPU params.sq_thread_cpu. Without SQ_AFF the
 * scheduler may move it to the CPU that the program needs. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"
#include "sys.h"
#include "threads.h"

#define DEADLINE_NS UINT64_C(10000000000)

/* Makes a ring. If attach is not NULL, the rings share a polling thread. */
static int make(struct io_uring *ring, unsigned flags, unsigned cpu,
                const struct io_uring *attach)
{
    struct io_uring_params params = {
        .flags = flags,
        .sq_thread_cpu = cpu,
    };

    if (attach != NULL) {
        params.flags |= IORING_SETUP_ATTACH_WQ;
        params.wq_fd = (unsigned)attach->ring_fd;
    }
    return io_uring_queue_init_params(4, ring, &params);
}

/* Returns the thread that polls the ring, as its fdinfo reports it. The kernel
 * omits it, or reports -1, while the ring is busy: then this asks again. */
static int sq_thread(const struct io_uring *ring)
{
    uint64_t deadline_ns = sys_now_ns() + DEADLINE_NS;
    static char text[4096];
    char path[64], *line;
    int thread = -1;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", ring->ring_fd);
    while (thread <= 0 && sys_now_ns() < deadline_ns) {
        if (sys_read_text(path, text, sizeof text) > 0 &&
            (line = strstr(text, "SqThread:")) != NULL)
            thread = atoi(line + strlen("SqThread:"));
    }
    return thread;
}

static int nop(struct io_uring *ring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

/* Returns the last CPU that this thread may use. */
static unsigned last_cpu(void)
{
    cpu_set_t set;
    unsigned cpu = CPU_SETSIZE - 1;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return 0;
    while (cpu > 0 && !CPU_ISSET(cpu, &set))
        cpu--;
    return cpu;
}

/* Makes a ring whose polling thread is bound to one CPU. */
static void bind_thread(void)
{
    unsigned cpu = last_cpu();
    char wanted[16], seen[32];
    struct io_uring ring;

    snprintf(wanted, sizeof wanted, "%u", cpu);
    lab_result("io_uring_setup", 0,
               make(&ring, IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF, cpu,
                    NULL));
    lab_result("a nop on it", 0, nop(&ring)); /* now the thread has started */
    threads_cpus(sq_thread(&ring), seen, sizeof seen);
    lab_text("CPUs of its thread", wanted, seen);
    io_uring_queue_exit(&ring);
}

/* Tries flags that exclude or need each other. */
static void refuse(void)
{
    struct io_uring ring;

    lab_print("combinations that the kernel refuses");
    lab_result("SQ_AFF without SQPOLL", -EINVAL,
               make(&ring, IORING_SETUP_SQ_AFF, 0, NULL));
    lab_result("SQPOLL with DEFER_TASKRUN", -EINVAL,
               make(&ring,
                    IORING_SETUP_SQPOLL | IORING_SETUP_SINGLE_ISSUER |
                        IORING_SETUP_DEFER_TASKRUN,
                    0, NULL));
}

int main(int argc, char **argv)
{
    struct io_uring first, second, third, ring;
    int tid;
    int code = lab_options(argc, argv, "lab-share",
                           "Who polls the SQs of several rings, and where?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    if (!(ring.features & IORING_FEAT_NATIVE_WORKERS) ||
        make(&first, IORING_SETUP_SQPOLL, 0, NULL) < 0) {
        lab_absent("SQPOLL", "the kernel refuses it or hides its threads");
        return lab_end();
    }
    lab_print("a second ring with ATTACH_WQ");
    lab_result("io_uring_setup", 0,
               make(&second, IORING_SETUP_SQPOLL, 0, &first));
    lab_result("a nop on the first", 0, nop(&first));
    lab_result("a nop on the second", 0, nop(&second));
    lab_result("polling threads", 1, threads_count("iou-sqp", 1, &tid));
    lab_truth("both rings name the same thread", true,
              sq_thread(&first) == sq_thread(&second));

    lab_print("a third ring without it");
    lab_result("io_uring_setup", 0,
               make(&third, IORING_SETUP_SQPOLL, 0, NULL));
    lab_result("a nop on it", 0, nop(&third));
    lab_result("polling threads", 2, threads_count("iou-sqp", 2, &tid));

    lab_print("a ring with SQ_AFF");
    bind_thread();
    refuse();
    io_uring_queue_exit(&third);
    io_uring_queue_exit(&second);
    io_uring_queue_exit(&first);
    return lab_end();
}
