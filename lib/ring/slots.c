/* slots.c: a fixed set of buffers, each with one owner at a time; see slots.h.
 * Introduced in phase 2. Needs: slots.h, sys.h.
 *
 * What it teaches: ownership is a state, and each change of owner is a function
 * call. So the program can check a rule that would otherwise depend on a
 * careful programmer. */
#include "slots.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "sys.h"

/* Two buffers never share a cache line. */
#define STRIDE_ALIGN 64u

#define NO_SLOT UINT32_MAX

/* AddressSanitizer keeps a map of bytes that the program must not access. The
 * kernel ignores the map, so it can still write to these bytes. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOTS_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SLOTS_ASAN 1
#endif

#ifdef SLOTS_ASAN
#include <sanitizer/asan_interface.h>
#define hide(bytes, len) __asan_poison_memory_region((bytes), (len))
#define show(bytes, len) __asan_unpoison_memory_region((bytes), (len))
#else
#define hide(bytes, len) ((void)(bytes), (void)(len))
#define show(bytes, len) ((void)(bytes), (void)(len))
#endif

enum owner { FREE, MINE, KERNEL };

struct slot {
    uint32_t next_free; /* valid while FREE */
    enum owner owner;
};

/* Changes the owner of a buffer. Only this function does so. */
static struct slot *change(struct slots *slots, unsigned slot, enum owner from,
                           enum owner to)
{
    struct slot *entry;

    assert(slot < slots->count);
    entry = &slots->table[slot];
    assert(entry->owner == from);
    entry->owner = to;
    if (to == MINE)
        show(slots_address(slots, slot), slots->len);
    else if (from == MINE)
        hide(slots_address(slots, slot), slots->len);
    return entry;
}

int slots_init(struct slots *slots, unsigned count, size_t len)
{
    size_t stride = (len + STRIDE_ALIGN - 1) / STRIDE_ALIGN * STRIDE_ALIGN;
    void *memory;
    int rc;

    *slots = (struct slots){0};
    if (count == 0 || count > SLOTS_COUNT_MAX || len == 0 ||
        len > SLOTS_LEN_MAX)
        return -EINVAL;
    slots->mapped = count * (stride + sizeof(struct slot));
    rc = sys_map(&memory, slots->mapped);
    if (rc < 0)
        return rc;
    slots->memory = memory;
    slots->table = (struct slot *)(slots->memory + count * stride);
    slots->len = len;
    slots->stride = stride;
    slots->count = slots->free_count = count;
    for (unsigned i = 0; i < count; i++)
        slots->table[i].next_free = i + 1 < count ? i + 1 : NO_SLOT;
    hide(slots->memory, count * stride);
    return 0;
}

void slots_finish(struct slots *slots)
{
    for (unsigned i = 0; i < slots->count; i++)
        assert(slots->table[i].owner != KERNEL);
    if (slots->memory != NULL) {
        int rc;

        /* A later mapping at these addresses must not be poisoned. */
        show(slots->memory, slots->count * slots->stride);
        rc = sys_unmap(slots->memory, slots->mapped);
        assert(rc == 0); /* cannot fail: the range is mapped */
    }
    *slots = (struct slots){0};
}

int slots_take(struct slots *slots)
{
    unsigned slot = slots->first_free;

    if (slots->free_count == 0)
        return -ENOBUFS;
    slots->first_free = change(slots, slot, FREE, MINE)->next_free;
    slots->free_count--;
    return (int)slot;
}

void slots_release(struct slots *slots, unsigned slot)
{
    change(slots, slot, MINE, FREE)->next_free = slots->first_free;
    slots->first_free = slot;
    slots->free_count++;
    assert(slots->free_count <= slots->count);
}

void *slots_lend(struct slots *slots, unsigned slot)
{
    change(slots, slot, MINE, KERNEL);
    return slots_address(slots, slot);
}

void slots_reclaim(struct slots *slots, unsigned slot)
{
    change(slots, slot, KERNEL, MINE);
}

void *slots_data(const struct slots *slots, unsigned slot)
{
    assert(slots_is_mine(slots, slot));
    return slots_address(slots, slot);
}

bool slots_is_mine(const struct slots *slots, unsigned slot)
{
    assert(slot < slots->count);
    return slots->table[slot].owner == MINE;
}

bool slots_is_kernel(const struct slots *slots, unsigned slot)
{
    assert(slot < slots->count);
    return slots->table[slot].owner == KERNEL;
}

void *slots_address(const struct slots *slots, unsigned slot)
{
    assert(slot < slots->count);
    return slots->memory + slot * slots->stride;
}
