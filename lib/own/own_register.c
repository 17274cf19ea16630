/* own_register.c: registers files, buffers, and so on; see own.h.
 * Introduced in phase 7. Needs: own.h.
 *
 * What it teaches: a registration checks an object once, so that the operations
 * need not check it. The kernel keeps a reference to the object until it is
 * unregistered. */
#include <errno.h>
#include <stddef.h>

#include "own.h"

int io_uring_register(unsigned fd, unsigned opcode, const void *arg,
                      unsigned nr_args)
{
    const struct io_uring ring = {.ring_fd = (int)fd};

    return sys_ring_register(&ring, opcode, arg, nr_args);
}

int io_uring_register_ring_fd(struct io_uring *ring)
{
    struct io_uring_rsrc_update update = {
        .offset = UINT32_MAX, /* any index */
        .data = (unsigned)ring->ring_fd,
    };
    int rc;

    if (ring->int_flags != 0)
        return -EEXIST;
    rc = sys_ring_register(ring, IORING_REGISTER_RING_FDS, &update, 1);
    if (rc == 1) {
        ring->enter_ring_fd = (int)update.offset;
        /* sys_ring_enter adds this flag. */
        ring->int_flags = IORING_ENTER_REGISTERED_RING;
    }
    return rc;
}

int io_uring_unregister_ring_fd(struct io_uring *ring)
{
    struct io_uring_rsrc_update update = {
        .offset = (unsigned)ring->enter_ring_fd,
    };
    int rc;

    if (ring->int_flags == 0)
        return -EINVAL;
    rc = sys_ring_register(ring, IORING_UNREGISTER_RING_FDS, &update, 1);
    if (rc == 1) {
        ring->enter_ring_fd = ring->ring_fd;
        ring->int_flags = 0;
    }
    return rc;
}

int io_uring_register_buf_ring(struct io_uring *ring,
                               struct io_uring_buf_reg *reg, unsigned flags)
{
    /* The field after bgid has the name pad in liburing 2.3, and flags in later
     * versions. */
    const size_t at = offsetof(struct io_uring_buf_reg, bgid) + 2;

    *(uint16_t *)((char *)reg + at) |= (uint16_t)flags;
    return sys_ring_register(ring, IORING_REGISTER_PBUF_RING, reg, 1);
}

int io_uring_unregister_buf_ring(struct io_uring *ring, int bgid)
{
    struct io_uring_buf_reg reg = {.bgid = (uint16_t)bgid};

    return sys_ring_register(ring, IORING_UNREGISTER_PBUF_RING, &reg, 1);
}

int io_uring_register_eventfd(struct io_uring *ring, int fd)
{
    return sys_ring_register(ring, IORING_REGISTER_EVENTFD, &fd, 1);
}

int io_uring_unregister_eventfd(struct io_uring *ring)
{
    return sys_ring_register(ring, IORING_UNREGISTER_EVENTFD, NULL, 0);
}

int io_uring_register_buffers(struct io_uring *ring, const struct iovec *iovecs,
                              unsigned nr_iovecs)
{
    return sys_ring_register(ring, IORING_REGISTER_BUFFERS, iovecs, nr_iovecs);
}

int io_uring_unregister_buffers(struct io_uring *ring)
{
    return sys_ring_register(ring, IORING_UNREGISTER_BUFFERS, NULL, 0);
}

int io_uring_register_files(struct io_uring *ring, const int *files,
                            unsigned nr_files)
{
    return sys_ring_register(ring, IORING_REGISTER_FILES, files, nr_files);
}

int io_uring_register_files_sparse(struct io_uring *ring, unsigned nr)
{
    struct io_uring_rsrc_register table = {
        .nr = nr,
        .flags = IORING_RSRC_REGISTER_SPARSE,
    };

    return sys_ring_register(ring, IORING_REGISTER_FILES2, &table,
                             sizeof table);
}

/* Returns the number of slots that were changed, or -errno. */
int io_uring_register_files_update(struct io_uring *ring, unsigned off,
                                   const int *files, unsigned nr_files)
{
    struct io_uring_files_update update = {
        .offset = off,
        .fds = (uintptr_t)files,
    };

    return sys_ring_register(ring, IORING_REGISTER_FILES_UPDATE, &update,
                             nr_files);
}

int io_uring_unregister_files(struct io_uring *ring)
{
    return sys_ring_register(ring, IORING_UNREGISTER_FILES, NULL, 0);
}

/* Sets two limits on the number of io-wq workers: values[0] for operations on
 * regular files and block devices, values[1] for all others. Stores the old
 * limits in values. */
int io_uring_register_iowq_max_workers(struct io_uring *ring, unsigned *values)
{
    return sys_ring_register(ring, IORING_REGISTER_IOWQ_MAX_WORKERS, values, 2);
}

int io_uring_register_probe(struct io_uring *ring, struct io_uring_probe *p,
                            unsigned nr)
{
    return sys_ring_register(ring, IORING_REGISTER_PROBE, p, nr);
}
