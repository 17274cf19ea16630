/* lab-no-mmap.c: a ring in the program's own memory, without a descriptor.
 * Introduced in phase 6. Needs: lab.h, sys.h, uring_setup.h.
 *
 * What it teaches: three flags remove things that a ring usually has.
 *
 *      NO_MMAP             the program allocates the queues, for example in one
 *                          huge page; the kernel pins the pages
 *      REGISTERED_FD_ONLY  io_uring_setup returns an index of this thread's
 *                          registered rings, and not a descriptor
 *      NO_SQARRAY          no array of indices: SQEs are used in their order
 *
 * Such a ring is not in /proc/self/fd, and no close() can close it by mistake.
 * In return, epoll cannot watch it. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab.h"
#include "sys.h"
#include "uring_compat.h"
#include "uring_setup.h"

enum { ENTRIES = 4, HUGE_LEN = 2 << 20 };

/* Returns the lowest free descriptor. */
static int lowest_free(void)
{
    int fd = dup(STDOUT_FILENO);

    close(fd);
    return fd;
}

/* Makes a ring whose queues are the page at memory, and whose SQEs are the next
 * page. Returns its index, or -errno. */
static int make(struct io_uring *ring, char *memory)
{
    struct io_uring_params p = {
        .flags = UR_SETUP_NO_MMAP | UR_SETUP_REGISTERED_FD_ONLY |
                 UR_SETUP_NO_SQARRAY,
    };
    int index;

    ur_set_memory(&p, memory, memory + sys_page_size());
    index = io_uring_setup(ENTRIES, &p);
    if (index < 0)
        return index;
    *ring = (struct io_uring){.enter_ring_fd = index, .flags = p.flags};
    ring->sq.sqes = (struct io_uring_sqe *)(void *)(memory + sys_page_size());
    ring->sq.khead = (unsigned *)(void *)(memory + p.sq_off.head);
    ring->sq.ktail = (unsigned *)(void *)(memory + p.sq_off.tail);
    ring->sq.ring_entries = p.sq_entries;
    ring->sq.ring_mask = p.sq_entries - 1;
    ring->cq.cqes = (struct io_uring_cqe *)(void *)(memory + p.cq_off.cqes);
    return index;
}

/* Runs a nop on the ring of this index, and then releases the ring. */
static void use(struct io_uring *ring, int index, int free_before)
{
    const unsigned unregister =
        IORING_UNREGISTER_RING_FDS | UR_REGISTER_USE_REGISTERED_RING;
    struct io_uring_rsrc_update slot = {.offset = (unsigned)index};
    struct io_uring_sqe *sqe;

    lab_result("lowest free descriptor", free_before, lowest_free());
    sqe = io_uring_get_sqe(ring);
    io_uring_prep_nop(sqe);
    io_uring_sqe_set_data64(sqe, 42);
    lab_result("SQEs that an enter takes", 1,
               ur_submit(ring, 1, IORING_ENTER_REGISTERED_RING));
    lab_result("user_data of the CQE", 42, (int)ring->cq.cqes[0].user_data);
    lab_result("unregistering the ring", 1,
               io_uring_register((unsigned)index, unregister, &slot, 1));
    lab_result("enter afterwards", -EBADF,
               ur_submit(ring, 0, IORING_ENTER_REGISTERED_RING));
}

/* Tries a ring in len bytes of memory that mmap returned. */
static void try(const char *name, void *memory, size_t len)
{
    int free_before = lowest_free(), index;
    struct io_uring ring;

    if (memory == MAP_FAILED) {
        lab_absent(name, "there is none");
        return;
    }
    index = make(&ring, memory);
    if (index == -EINVAL) {
        lab_absent(name, "the kernel lacks NO_MMAP or NO_SQARRAY");
    } else {
        lab_print(name);
        lab_result("index of the ring", 0, index);
    }
    if (index >= 0)
        use(&ring, index, free_before);
    munmap(memory, len);
}

int main(int argc, char **argv)
{
    const int access = PROT_READ | PROT_WRITE;
    const int map = MAP_PRIVATE | MAP_ANONYMOUS;
    const size_t pages_len = 2 * sys_page_size();
    struct io_uring plain;
    int code = lab_options(argc, argv, "lab-no-mmap",
                           "Can a ring work without mmap and descriptor?");

    if (code != -1)
        return code;
    if (lab_ring(&plain, ENTRIES, 0, 0) < 0)
        return LAB_USAGE;
    io_uring_queue_exit(&plain);
    try("two pages", mmap(NULL, pages_len, access, map, -1, 0), pages_len);
    try("a huge page",
        mmap(NULL, HUGE_LEN, access, map | MAP_HUGETLB, -1, 0), HUGE_LEN);
    return lab_end();
}
