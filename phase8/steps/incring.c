/* incring.c: a pool of buffers that fill up bit by bit; see incring.h.
 * Introduced in phase 8. Needs: incring.h, sys.h, tools.h, uring_compat.h. */
#include "incring.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "sys.h"
#include "tools.h"
#include "uring_compat.h"

/* Adds a buffer after the last one. */
static void add(struct incring *pool, uint16_t id)
{
    char *data = pool->memory + id * pool->buf_len;

    pool->entries[pool->last].next = id;
    pool->last = id;
    pool->entries[id].used = 0;
    pool->open_count++;
    tools_kernel_owns(data, pool->buf_len);
    io_uring_buf_ring_add(pool->shared, data, (unsigned)pool->buf_len, id,
                          io_uring_buf_ring_mask(pool->count), 0);
    io_uring_buf_ring_advance(pool->shared, 1);
}

void incring_prep_receive(struct io_uring_sqe *sqe, int slot, int group,
                          unsigned max)
{
    io_uring_prep_recv_multishot(sqe, slot, NULL, 0, 0);
    sqe->ioprio |= IORING_RECVSEND_POLL_FIRST | UR_RECVSEND_BUNDLE;
    sqe->flags |= IOSQE_BUFFER_SELECT | IOSQE_FIXED_FILE;
    sqe->buf_group = (uint16_t)group;
    sqe->file_index = max; /* optlen */
}

/* Returns true if the kernel knows the limit of a receive. It looks at the SQE
 * (-EINVAL) before it looks for the file (-EBADF). */
static bool has_limit(struct ring *ring)
{
    struct io_uring_cqe cqe = {.res = -EINVAL};
    int rc = 0;

    incring_prep_receive(ring_sqe(ring, HANDLE_NONE), -1, 0, 1);
    while (rc == 0 && !ring_next(ring, &cqe))
        rc = ring_enter(ring, 1, RING_FOREVER);
    return cqe.res != -EINVAL;
}

int incring_init(struct incring *pool, struct ring *ring, unsigned count,
                 size_t buf_len, int group)
{
    const size_t page = sys_page_size();
    struct io_uring_buf_reg registration = {.bgid = (uint16_t)group};
    size_t shared_len, entries_len;
    void *memory;
    int rc;

    for (pool->count = 1; pool->count < count;)
        pool->count *= 2;
    shared_len = pool->count * sizeof(struct io_uring_buf) / page * page + page;
    entries_len = pool->count * sizeof *pool->entries / page * page + page;
    rc = sys_map(&memory, shared_len + entries_len + pool->count * buf_len);
    if (rc < 0)
        return rc;
    pool->shared = memory;
    pool->entries = (void *)((char *)memory + shared_len);
    pool->memory = (char *)memory + shared_len + entries_len;
    pool->buf_len = buf_len;
    registration.ring_addr = (uintptr_t)memory;
    registration.ring_entries = pool->count;
    registration.pad = UR_PBUF_RING_INC; /* flags */
    rc = io_uring_register_buf_ring(&ring->uring, &registration, 0);
    for (unsigned id = 0; rc == 0 && id < pool->count; id++)
        add(pool, (uint16_t)id);
    return rc == 0 && !has_limit(ring) ? -EINVAL : rc;
}

/* Takes the next piece of a CQE that has left bytes, from buffer *id, and sets
 * *id to the buffer of the piece after it. */
static struct iovec take(struct incring *pool, uint16_t *id, size_t left)
{
    struct incring_entry *entry = &pool->entries[*id];
    size_t len = pool->buf_len - entry->used;
    char *data = pool->memory + *id * pool->buf_len + entry->used;

    assert(*id < pool->count && len > 0);
    len = left < len ? left : len;
    tools_kernel_done(data, len);
    entry->used += (uint32_t)len;
    entry->users++;
    if (entry->used == pool->buf_len)
        pool->open_count--;
    *id = entry->next;
    return (struct iovec){data, len};
}

/* Releases a piece. Returns true if its buffer went back to the kernel. */
static bool release(struct incring *pool, struct iovec bytes)
{
    size_t offset = (size_t)((char *)bytes.iov_base - pool->memory);
    uint16_t id = (uint16_t)(offset / pool->buf_len);
    struct incring_entry *entry = &pool->entries[id];

    assert(id < pool->count && entry->users > 0);
    if (--entry->users > 0 || entry->used < pool->buf_len)
        return false;
    add(pool, id);
    return true;
}

struct piece {
    struct queue_node node;
    struct iovec bytes; /* borrowed: in the pool */
};

int pieces_add(struct pieces *pieces, struct incring *pool, uint16_t id,
               size_t len)
{
    int rc = 0;

    while (len > 0) {
        struct piece *piece = rc < 0 ? NULL : malloc(sizeof *piece);
        struct iovec bytes = take(pool, &id, len);

        len -= bytes.iov_len;
        if (piece == NULL) { /* so the bytes after it are useless */
            (void)release(pool, bytes);
            rc = -ENOMEM;
            continue;
        }
        piece->bytes = bytes;
        queue_push(&pieces->queue, &piece->node);
        pieces->len += bytes.iov_len;
    }
    return rc;
}

size_t pieces_describe(const struct pieces *pieces, struct iovec *vector,
                       size_t max, size_t *count)
{
    size_t len = 0, at = pieces->at;

    *count = 0;
    for (struct queue_node *node = pieces->queue.first;
         node != NULL && *count < max; node = node->next) {
        struct iovec bytes = container_of(node, struct piece, node)->bytes;

        vector[(*count)++] = (struct iovec){(char *)bytes.iov_base + at,
                                            bytes.iov_len - at};
        len += bytes.iov_len - at;
        at = 0;
    }
    return len;
}

bool pieces_drop(struct pieces *pieces, struct incring *pool, size_t len)
{
    bool is_released = false;

    pieces->len -= len;
    pieces->at += len;
    while (!queue_is_empty(&pieces->queue)) {
        struct piece *piece =
            container_of(pieces->queue.first, struct piece, node);

        if (pieces->at < piece->bytes.iov_len)
            break;
        pieces->at -= piece->bytes.iov_len;
        (void)queue_pop(&pieces->queue);
        is_released |= release(pool, piece->bytes);
        free(piece);
    }
    return is_released;
}
