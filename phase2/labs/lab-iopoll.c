/* lab-iopoll.c: polling a device for completions, and what it requires.
 * Introduced in phase 2. Needs: lab.h, poll_queue.h, slots.h, sys.h.
 *
 * What it teaches: with SETUP_IOPOLL the device does not send interrupts.
 * Instead, io_uring_enter polls the device's queue for completions. Polling
 * requires O_DIRECT, because the page cache has no queue. The file system must
 * support polling. The device must have a poll queue (see
 * /sys/block/.../queue/io_poll). An NVMe drive has poll queues if the kernel
 * was booted with nvme.poll_queues=N. If one of these requirements is not met,
 * the result is -EOPNOTSUPP. A ring with IOPOLL does not support timers, pipes
 * or sockets. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lab.h"
#include "poll_queue.h"
#include "slots.h"
#include "sys.h"

enum { LEN = 4096 };

static void try_read(struct io_uring *ring, const char *what, int fd,
                     struct slots *slots, int predicted)
{
    unsigned slot = (unsigned)slots_take(slots);
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

    io_uring_prep_read(sqe, fd, slots_lend(slots, slot), LEN, 0);
    io_uring_sqe_set_data64(sqe, 1);
    lab_result(what, predicted, lab_run(ring, 1));
    slots_reclaim(slots, slot);
    slots_release(slots, slot);
}

int main(int argc, char **argv)
{
    static char block[LEN];
    struct __kernel_timespec soon = {.tv_nsec = 1000};
    struct io_uring ring;
    struct io_uring_sqe *sqe;
    struct slots slots;
    char path[64];
    int buffered, direct;
    int code = lab_options(argc, argv, "lab-iopoll",
                           "What does polling a device require?");

    if (code != -1)
        return code;
    if (lab_ring(&ring, 4, 0, IORING_SETUP_IOPOLL) < 0 ||
        slots_init(&slots, 1, LEN) < 0)
        return LAB_USAGE;
    buffered = lab_file(block, sizeof block);
    snprintf(path, sizeof path, "/proc/self/fd/%d", buffered);
    direct = sys_open(path, O_RDONLY | O_DIRECT, 0);

    lab_print("a ring with IOPOLL");
    try_read(&ring, "a read through the page cache", buffered, &slots,
             -EOPNOTSUPP);
    if (direct < 0)
        lab_print("  (no O_DIRECT on this file system)");
    else if (poll_queue_exists(direct))
        try_read(&ring, "O_DIRECT, from a queue that can be polled", direct,
                 &slots, LEN);
    else
        try_read(&ring, "O_DIRECT, from a queue that cannot be polled", direct,
                 &slots, -EOPNOTSUPP);
    sqe = io_uring_get_sqe(&ring);
    io_uring_prep_timeout(sqe, &soon, 0, 0);
    io_uring_sqe_set_data64(sqe, 1);
    lab_result("a timer", -EINVAL, lab_run(&ring, 1));
    io_uring_queue_exit(&ring);
    slots_finish(&slots);
    return lab_end();
}
