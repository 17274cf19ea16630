/* bufring.c: receive buffers that the kernel picks; see bufring.h.
 * Introduced in phase 8. Needs: bufring.h, ring_register.h, sys.h, tools.h.
 *
 * What it teaches: a third ring besides SQ and CQ. It lists the free buffers,
 * and its memory is shared with the kernel. This process writes entries and
 * publishes the tail; the kernel takes entries from the head. The tail is
 * stored in the reserved field of the first entry. */
#include "bufring.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "ring_register.h"
#include "sys.h"
#include "tools.h"

/* Do not clear the first entry or assign it as a whole: that would set the tail
 * to 0. */
static_assert(offsetof(struct io_uring_buf_ring, tail) ==
                  offsetof(struct io_uring_buf, resv),
              "the tail is the reserved field of the first entry");

static size_t pages(size_t len)
{
    size_t page = sys_page_size();

    return (len + page - 1) / page * page;
}

/* Writes a buffer's entry into the ring, `ahead` entries after the tail. The
 * kernel does not see it until the tail is published. */
static void add(struct bufring *bufring, uint16_t id, int ahead)
{
    char *data = bufring->memory + id * bufring->buf_len;

    bufring->entries[id].is_mine = false;
    bufring->mine_count--;
    tools_kernel_owns(data, bufring->buf_len);
    io_uring_buf_ring_add(bufring->shared, data, (unsigned)bufring->buf_len, id,
                          io_uring_buf_ring_mask(bufring->count), ahead);
}

int bufring_init(struct bufring *bufring, struct ring *ring, unsigned count,
                 size_t buf_len, int group)
{
    const unsigned wanted = count;
    size_t shared_len, entries_len;
    void *memory;
    int rc;

    assert(count > 0 && count <= BUFRING_COUNT_MAX && buf_len > 0);
    memset(bufring, 0, sizeof *bufring);
    for (count = 1; count < wanted;) /* round up to a power of two */
        count *= 2;
    shared_len = pages(count * sizeof(struct io_uring_buf));
    entries_len = pages(count * sizeof *bufring->entries);
    bufring->mapped_len = shared_len + entries_len + count * buf_len;
    rc = sys_map(&memory, bufring->mapped_len);
    if (rc < 0)
        return rc;
    bufring->ring = ring;
    bufring->shared = memory;
    bufring->entries = (void *)((char *)memory + shared_len);
    bufring->memory = (char *)memory + shared_len + entries_len;
    bufring->count = bufring->mine_count = count;
    bufring->buf_len = buf_len;
    bufring->group = group;
    io_uring_buf_ring_init(bufring->shared);
    rc = ring_register_buf_ring(ring, bufring->shared, count, group);
    if (rc < 0) {
        sys_unmap(memory, bufring->mapped_len);
        memset(bufring, 0, sizeof *bufring);
        return rc;
    }
    for (unsigned id = 0; id < count; id++)
        add(bufring, (uint16_t)id, (int)id);
    io_uring_buf_ring_advance(bufring->shared, (int)count);
    return 0;
}

void bufring_finish(struct bufring *bufring)
{
    if (bufring->shared == NULL)
        return;
    assert(queue_is_empty(&bufring->waiters));
    assert(bufring->mine_count == 0); /* every buffer was released */
    (void)ring_unregister_buf_ring(bufring->ring, bufring->group);
    tools_kernel_done(bufring->memory, bufring->count * bufring->buf_len);
    sys_unmap(bufring->shared, bufring->mapped_len);
    memset(bufring, 0, sizeof *bufring);
}

uint16_t bufring_take(struct bufring *bufring, uint32_t cqe_flags, size_t len)
{
    uint16_t id = (uint16_t)(cqe_flags >> IORING_CQE_BUFFER_SHIFT);

    assert(cqe_flags & IORING_CQE_F_BUFFER);
    assert(id < bufring->count && !bufring->entries[id].is_mine);
    assert(len <= bufring->buf_len);
    bufring->entries[id].is_mine = true;
    bufring->entries[id].len = (uint32_t)len;
    bufring->mine_count++;
    tools_kernel_done(bufring->memory + id * bufring->buf_len, len);
    return id;
}

char *bufring_data(const struct bufring *bufring, uint16_t id)
{
    assert(id < bufring->count && bufring->entries[id].is_mine);
    return bufring->memory + id * bufring->buf_len;
}

void bufring_release(struct bufring *bufring, uint16_t id)
{
    assert(id < bufring->count && bufring->entries[id].is_mine);
    add(bufring, id, 0);
    io_uring_buf_ring_advance(bufring->shared, 1);
    bufring_wake_next(bufring);
}

void bufring_wait(struct bufring *bufring, struct bufring_waiter *waiter)
{
    queue_push(&bufring->waiters, &waiter->node);
}

void bufring_leave(struct bufring *bufring, struct bufring_waiter *waiter)
{
    queue_remove(&bufring->waiters, &waiter->node);
}

void bufring_wake_next(struct bufring *bufring)
{
    struct queue_node *node;

    if (bufring_free_count(bufring) == 0)
        return; /* the next bufring_release wakes a waiter */
    node = queue_pop(&bufring->waiters);
    if (node != NULL) {
        struct bufring_waiter *waiter =
            container_of(node, struct bufring_waiter, node);

        waiter->wake(waiter);
    }
}
