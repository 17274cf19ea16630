/* sim_buffers.c: the kernel's side of provided buffers; see sim_buffers.h.
 *
 * What it teaches: the program adds a buffer without a system call, so the
 * kernel sees it only when it reads the tail. If the program added a buffer
 * twice, two operations would fill it at the same time. */
#include "sim_buffers.h"

#include <assert.h>
#include <errno.h>
#include <liburing.h>
#include <stdbool.h>
#include <string.h>

#include "sim_check.h"
#include "sim_memory.h"
#include "sim_ring.h"

#define GROUPS_MAX 2
#define IDS_MAX 1024u

struct group {
    struct io_uring_buf_ring *shared; /* borrowed; NULL: not registered */
    unsigned entries;
    uint16_t head, seen; /* seen: the tail when it was last read */
    bool is_kernels[IDS_MAX];
};

static struct group groups[GROUPS_MAX];

void buffers_begin(void)
{
    for (int i = 0; i < GROUPS_MAX; i++)
        groups[i].shared = NULL;
}

int io_uring_register_buf_ring(struct io_uring *uring,
                               struct io_uring_buf_reg *reg, unsigned flags)
{
    struct group *group = &groups[reg->bgid];

    (void)ring_of(uring->ring_fd);
    assert(reg->bgid < GROUPS_MAX && reg->ring_entries <= IDS_MAX);
    if (flags != 0)
        check_fail("simulated-operation", "the flags %#x of a buffer ring are "
                   "not simulated", flags);
    if (group->shared != NULL)
        return -EEXIST;
    group->shared = (struct io_uring_buf_ring *)(uintptr_t)reg->ring_addr;
    group->entries = reg->ring_entries;
    group->head = group->seen = 0;
    memset(group->is_kernels, 0, sizeof group->is_kernels);
    return 0;
}

static struct io_uring_buf *entry(const struct group *group, uint16_t at)
{
    return &group->shared->bufs[at & (group->entries - 1)];
}

static void look(struct group *group)
{
    uint16_t tail = group->shared->tail;

    check_that((uint16_t)(tail - group->head) <= group->entries,
               "every-buffer-returned-once", "buffers in the ring:",
               (uint16_t)(tail - group->head));
    for (; group->seen != tail; group->seen++) {
        const struct io_uring_buf *added = entry(group, group->seen);

        assert(added->bid < IDS_MAX);
        check_that(!group->is_kernels[added->bid], "every-buffer-returned-once",
                   "the program has added twice the buffer", added->bid);
        group->is_kernels[added->bid] = true;
        memory_scribble((void *)(uintptr_t)added->addr, added->len);
    }
}

void buffers_look(void)
{
    for (int i = 0; i < GROUPS_MAX; i++)
        if (groups[i].shared != NULL)
            look(&groups[i]);
}

int buffers_peek(unsigned index, struct picked *out)
{
    struct group *group = &groups[index];
    const struct io_uring_buf *first;

    assert(index < GROUPS_MAX && group->shared != NULL);
    look(group);
    if (group->head == group->seen)
        return -ENOBUFS;
    first = entry(group, group->head);
    *out = (struct picked){
        .memory = (void *)(uintptr_t)first->addr,
        .len = first->len,
        .flags = IORING_CQE_F_BUFFER |
                 (uint32_t)first->bid << IORING_CQE_BUFFER_SHIFT,
    };
    check_that(memory_is_scribbled(out->memory, out->len),
               "kernel-memory-untouched", "the program wrote to buffer",
               first->bid);
    return 0;
}

void buffers_pick(unsigned index)
{
    struct group *group = &groups[index];

    group->is_kernels[entry(group, group->head++)->bid] = false;
}

int io_uring_unregister_buf_ring(struct io_uring *uring, int bgid)
{
    struct group *group = &groups[bgid];

    (void)ring_of(uring->ring_fd);
    assert(bgid < GROUPS_MAX && group->shared != NULL);
    look(group);
    check_that((uint16_t)(group->seen - group->head) == group->entries,
               "every-buffer-returned-once", "buffers in the ring at its end:",
               (uint16_t)(group->seen - group->head));
    group->shared = NULL;
    return 0;
}

void buffers_check_unregistered(void)
{
    for (int i = 0; i < GROUPS_MAX; i++)
        check_that(groups[i].shared == NULL, "every-buffer-returned-once",
                   "still registered is the buffer ring", i);
}
