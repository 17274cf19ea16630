/* lab-registered-wait.c: a wait whose timeout is in registered memory.
 * Introduced in phase 6. Needs: lab.h, sys.h, uring_compat.h, uring_wait.h.
 *
 * What it teaches: the kernel copies the argument of each wait from the
 * program's memory, and then the timespec that it points to. A program can
 * register a region of memory instead (6.13), which the kernel maps once. A
 * wait names an entry of the region by its offset, and the kernel reads the
 * entry at each call:
 *
 *      region   [ 5 ms | 40 ms | ... ]    the program may change an entry
 *                         ^               between two waits
 *      enter(EXT_ARG_REG, 64)
 *
 * The region is registered while the ring is disabled (SETUP_R_DISABLED). The
 * kernel keeps the pages until the ring is closed. */
#include <errno.h>
#include <stdint.h>

#include "lab.h"
#include "sys.h"
#include "uring_compat.h"
#include "uring_wait.h"

static int register_region(const struct io_uring *ring, void *memory,
                           size_t len)
{
    struct ur_region region = {
        .address = (uintptr_t)memory,
        .len = len,
        .flags = UR_MEM_REGION_TYPE_USER,
    };
    struct ur_region_registration registration = {
        .region = (uintptr_t)&region,
        .flags = UR_MEM_REGION_REG_WAIT_ARG,
    };

    return io_uring_register((unsigned)ring->ring_fd, UR_REGISTER_MEM_REGION,
                             &registration, 1);
}

/* Waits for a completion, with the timeout at this offset of the region. */
static int wait_by(const struct io_uring *ring, uintptr_t offset)
{
    return io_uring_enter2((unsigned)ring->ring_fd, 0, 1,
                           IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG |
                               UR_ENTER_EXT_ARG_REG,
                           (void *)offset, sizeof(struct ur_registered_wait));
}

static void set(struct ur_registered_wait *entry, int ms)
{
    *entry = (struct ur_registered_wait){
        .timeout.tv_nsec = ms * 1000000,
        .flags = UR_REG_WAIT_TS,
    };
}

static void wait_at_least(const struct io_uring *ring, size_t index,
                          unsigned ms)
{
    uint64_t before = sys_now_ns();

    lab_result("the wait", -ETIME,
               wait_by(ring, index * sizeof(struct ur_registered_wait)));
    lab_truth("it lasted at least as long as the entry", true,
              sys_now_ns() - before >= ms * UINT64_C(1000000));
}

static void use(struct io_uring *ring, struct ur_registered_wait *entries,
                size_t len)
{
    set(&entries[0], 5);
    set(&entries[1], 40);
    lab_print("entry 0 is 5 ms");
    wait_at_least(ring, 0, 5);
    lab_print("entry 1 is 40 ms");
    wait_at_least(ring, 1, 40);
    set(&entries[0], 80);
    lab_print("entry 0 is now 80 ms");
    wait_at_least(ring, 0, 80);
    lab_print("the end of the region");
    lab_result("the wait", -EFAULT, wait_by(ring, len));
    lab_print("a nop has completed");
    io_uring_prep_nop(io_uring_get_sqe(ring));
    io_uring_submit(ring);
    lab_result("the wait", 0, wait_by(ring, 0));
}

int main(int argc, char **argv)
{
    struct io_uring ring, enabled;
    void *memory;
    size_t len = sys_page_size();
    int rc;
    int code = lab_options(argc, argv, "lab-registered-wait",
                           "When does the kernel read the timeout of a wait?");

    if (code != -1)
        return code;
    if (lab_ring(&enabled, 4, 0, 0) < 0 ||
        io_uring_queue_init(4, &ring, IORING_SETUP_R_DISABLED) < 0 ||
        sys_map(&memory, len) < 0)
        return LAB_USAGE;
    rc = register_region(&ring, memory, len);
    if (rc == -EINVAL) {
        lab_absent("a region", "the kernel has none (6.13)");
        return lab_end();
    }
    lab_result("a region of a disabled ring", 0, rc);
    lab_result("a region of another ring", -EINVAL,
               register_region(&enabled, memory, len));
    rc = io_uring_register((unsigned)ring.ring_fd, IORING_REGISTER_ENABLE_RINGS,
                           NULL, 0);
    if (rc == 0)
        use(&ring, memory, len);
    io_uring_queue_exit(&ring);
    io_uring_queue_exit(&enabled);
    (void)sys_unmap(memory, len);
    return lab_end();
}
