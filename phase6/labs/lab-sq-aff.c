/* lab-sq-aff.c: the CPU of a polling thread.
 * Introduced in phase 6. Needs: lab.h, threads.h.
 *
 * What it teaches: the polling thread of a ring with SQPOLL spins. If it runs
 * on the CPU of the program, each slows the other. SQ_AFF binds the thread to
 * the CPU params.sq_thread_cpu, so that the program can stay on another one:
 *
 *      CPU 0   the program        CPU 1   iou-sqp
 *
 * The id of the thread is in the fdinfo of the ring, and its CPUs are in
 * /proc/self/task/ID/status. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "lab.h"
#include "threads.h"

/* Returns the last CPU that this thread may use. */
static unsigned last_cpu(void)
{
    unsigned cpu = CPU_SETSIZE - 1;
    cpu_set_t set;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return 0;
    while (cpu > 0 && !CPU_ISSET(cpu, &set))
        cpu--;
    return cpu;
}

/* Makes a ring with these flags, and runs a nop, which starts its polling
 * thread. Returns 0, or -errno from io_uring_setup(2). */
static int make(struct io_uring *ring, unsigned flags, unsigned cpu)
{
    struct io_uring_params params = {.flags = flags, .sq_thread_cpu = cpu};
    int rc = io_uring_queue_init_params(4, ring, &params);
    struct io_uring_sqe *sqe;

    if (rc < 0)
        return rc;
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, 1);
    return lab_run(ring, 1);
}

int main(int argc, char **argv)
{
    const unsigned cpu = last_cpu();
    char predicted[16], seen[32];
    struct io_uring ring;
    int code = lab_options(argc, argv, "lab-sq-aff",
                           "On which CPU does a polling thread run?");
    int rc;

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, 0) < 0)
        return LAB_USAGE;
    rc = make(&ring, IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF, cpu);
    if (rc == -EPERM || !(ring.features & IORING_FEAT_NATIVE_WORKERS)) {
        lab_absent("SQPOLL", "the kernel refuses it or hides its threads");
        return lab_end();
    }
    lab_print("SQPOLL and SQ_AFF, with the last CPU");
    lab_result("io_uring_setup", 0, rc);
    snprintf(predicted, sizeof predicted, "%u", cpu);
    threads_cpus(threads_poller(&ring), seen, sizeof seen);
    lab_text("CPUs of the polling thread", predicted, seen);
    io_uring_queue_exit(&ring);

    lab_print("combinations that the kernel refuses");
    lab_result("SQ_AFF without SQPOLL", -EINVAL,
               make(&ring, IORING_SETUP_SQ_AFF, cpu));
    lab_result("a CPU that does not exist", -EINVAL,
               make(&ring, IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF, 1 << 20));
    return lab_end();
}
