/* sim_registered.c: registered files and buffers; see sim_registered.h.
 *
 * What it teaches: a registration replaces a look-up per operation. The price
 * is that the program has to name slots itself. The kernel replaces a file that
 * a slot has, and does not complain. */
#include "sim_registered.h"

#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <string.h>

#include "sim_check.h"
#include "sim_memory.h"
#include "sim_ring.h"

#define SLOTS_MAX 64u
#define BUFFERS_MAX 64u

static struct {
    struct sim_file *files[SLOTS_MAX]; /* held; NULL: the slot is empty */
    unsigned file_count;               /* 0: no table is registered */
    struct iovec buffers[BUFFERS_MAX];
    unsigned buffer_count;
} registered;

void registered_begin(void)
{
    memset(&registered, 0, sizeof registered);
}

struct sim_file *registered_file(int slot)
{
    return slot >= 0 && (unsigned)slot < registered.file_count
               ? registered.files[slot] : NULL;
}

int registered_put(unsigned slot, struct sim_file *file)
{
    struct sim_file *before;

    if (registered.file_count == 0)
        return -ENXIO;
    if (slot >= registered.file_count)
        return -EINVAL;
    before = registered.files[slot];
    if (file == NULL && before == NULL)
        return -EBADF;
    if (file != NULL)
        file_hold(file);
    registered.files[slot] = file;
    if (before != NULL)
        file_drop(before);
    return 0;
}

bool registered_has(unsigned index, const void *memory, size_t len)
{
    const struct iovec *buffer = &registered.buffers[index];
    uintptr_t begin, at = (uintptr_t)memory;

    if (index >= registered.buffer_count)
        return false;
    begin = (uintptr_t)buffer->iov_base;
    return at >= begin && at - begin <= buffer->iov_len &&
           len <= buffer->iov_len - (at - begin);
}

void registered_end(void)
{
    for (unsigned i = 0; i < registered.file_count; i++)
        if (registered.files[i] != NULL)
            (void)registered_put(i, NULL);
    registered_begin();
}

int io_uring_register_files_sparse(struct io_uring *uring, unsigned count)
{
    (void)ring_of(uring->ring_fd);
    assert(count > 0 && count <= SLOTS_MAX);
    if (registered.file_count > 0)
        return -EBUSY;
    registered.file_count = count;
    return 0;
}

/* Returns the number of slots that were changed. A descriptor of -1 empties a
 * slot. */
int io_uring_register_files_update(struct io_uring *uring, unsigned first,
                                   const int *fds, unsigned count)
{
    (void)ring_of(uring->ring_fd);
    for (unsigned i = 0; i < count; i++) {
        struct sim_file *file = file_of(fds[i]);
        int rc = file == NULL && fds[i] >= 0
                     ? -EBADF : registered_put(first + i, file);

        if (rc < 0 && (rc != -EBADF || fds[i] >= 0))
            return i > 0 ? (int)i : rc;
    }
    return (int)count;
}

/* The list is copied. The memory stays the program's, until an operation uses
 * it. */
int io_uring_register_buffers(struct io_uring *uring, const struct iovec *list,
                              unsigned count)
{
    (void)ring_of(uring->ring_fd);
    assert(count <= BUFFERS_MAX);
    if (registered.buffer_count > 0)
        return -EBUSY;
    memory_copy(registered.buffers, list, count * sizeof *list);
    registered.buffer_count = count;
    return 0;
}
