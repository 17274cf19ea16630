/* lab-hybrid-iopoll.c: sleep first, and poll the device later.
 * Introduced in phase 6. Needs: lab.h, poll_queue.h, slots.h, sys.h.
 *
 * What it teaches: with SETUP_IOPOLL a wait spins until the device has finished
 * (phase2/labs/lab-iopoll.c). With SETUP_HYBRID_IOPOLL it first sleeps for half
 * of the shortest time that an operation of this ring took. Then it spins:
 *
 *      IOPOLL          |#################| done        # uses the CPU
 *      HYBRID_IOPOLL   |. . . . .########| done        . sleeps
 *
 * The requirements are those of IOPOLL: O_DIRECT, and a device with a queue for
 * polling. Without such a device the lab shows how the kernel refuses. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "lab.h"
#include "poll_queue.h"
#include "slots.h"
#include "sys.h"
#include "uring_setup.h"

enum { LEN = 4096, READS = 2000 };

static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Reads the first block of fd count times. Returns the last result. */
static int read_block(struct io_uring *ring, struct slots *slots, int fd,
                      int count)
{
    unsigned slot = (unsigned)slots_take(slots);
    int res = 0;

    for (int i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

        io_uring_prep_read(sqe, fd, slots_lend(slots, slot), LEN, 0);
        io_uring_sqe_set_data64(sqe, 1);
        res = lab_run(ring, 1);
        slots_reclaim(slots, slot);
    }
    slots_release(slots, slot);
    return res;
}

/* Reads with this kind of polling, and prints the share of the time in which
 * the CPU is busy. */
static void try(const char *name, unsigned flags, struct slots *slots, int fd)
{
    struct io_uring_params params = {.flags = flags};
    bool can_poll = poll_queue_exists(fd);
    uint64_t start_ns, start_cpu_ns;
    struct io_uring ring;

    if (lab_setup(&ring, 4, &params) < 0) {
        lab_absent(name, "the kernel does not know it");
        return;
    }
    lab_print(name);
    start_ns = sys_now_ns();
    start_cpu_ns = cpu_ns();
    lab_result(can_poll ? "O_DIRECT, from a queue that can be polled"
                        : "O_DIRECT, from a queue that cannot be polled",
               can_poll ? LEN : -EOPNOTSUPP,
               read_block(&ring, slots, fd, can_poll ? READS : 1));
    if (can_poll)
        printf("  CPU time: %d %% of the time\n",
               (int)(100 * (cpu_ns() - start_cpu_ns) /
                     (sys_now_ns() - start_ns)));
    io_uring_queue_exit(&ring);
}

int main(int argc, char **argv)
{
    static char block[LEN];
    struct io_uring_params params = {.flags = UR_SETUP_HYBRID_IOPOLL};
    struct io_uring ring;
    struct slots slots;
    char path[64];
    int file, fd;
    int code = lab_options(argc, argv, "lab-hybrid-iopoll",
                           "Can a poll of the device leave the CPU idle?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, IORING_SETUP_IOPOLL) < 0 ||
        slots_init(&slots, 1, LEN) < 0)
        return LAB_USAGE;
    io_uring_queue_exit(&ring);
    file = lab_file(block, sizeof block);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    fd = sys_open(path, O_RDONLY | O_DIRECT, 0);
    if (fd < 0)
        lab_absent("O_DIRECT", "this file system has none; set TMPDIR");
    else {
        try("IOPOLL", IORING_SETUP_IOPOLL, &slots, fd);
        try("IOPOLL and HYBRID_IOPOLL",
            IORING_SETUP_IOPOLL | UR_SETUP_HYBRID_IOPOLL, &slots, fd);
    }
    lab_print("HYBRID_IOPOLL alone");
    lab_result("io_uring_setup", -EINVAL, lab_setup(&ring, 4, &params));
    slots_finish(&slots);
    return lab_end();
}
