/* sys_ring.c: the system calls of a ring; see own.h.
 * Introduced in phase 7. Needs: own.h.
 *
 * What it teaches: io_uring is three system calls, and memory that mmap(2)
 * shares with the kernel. A test can replace the functions of this file at link
 * time. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "own.h"

static int result_of(long rc)
{
    return rc < 0 ? -errno : (int)rc;
}

int sys_ring_setup(unsigned entries, struct io_uring_params *params)
{
    return result_of(syscall(__NR_io_uring_setup, entries, params));
}

/* Without EXT_ARG the kernel would interpret arg as a signal mask. */
int sys_ring_enter(const struct io_uring *ring, unsigned flags, unsigned count,
                   unsigned wait_count,
                   const struct io_uring_getevents_arg *arg)
{
    flags |= ring->int_flags | (arg != NULL ? IORING_ENTER_EXT_ARG : 0);
    return result_of(syscall(__NR_io_uring_enter, ring->enter_ring_fd, count,
                             wait_count, flags, arg, sizeof *arg));
}

int sys_ring_register(const struct io_uring *ring, unsigned opcode,
                      const void *arg, size_t count)
{
    return result_of(syscall(__NR_io_uring_register, ring->ring_fd, opcode, arg,
                             count));
}

int sys_ring_map(void **memory, size_t len, int fd, uint64_t offset)
{
    void *mapped = mmap(NULL, len, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_POPULATE, fd, (off_t)offset);

    if (mapped == MAP_FAILED)
        return -errno;
    *memory = mapped;
    return 0;
}

int sys_ring_no_fork(void *memory, size_t len)
{
    return result_of(madvise(memory, len, MADV_DONTFORK));
}
