/* handle.c: names for things that the kernel hands back later; see handle.h.
 * Introduced in phase 3. Needs: handle.h, sys.h.
 *
 * What it teaches: a table of slots with a free list threaded through the free
 * ones, and a generation that tells a slot's present owner from its last. */
#include "handle.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "sys.h"

#define CAPACITY_MAX (UINT32_C(1) << 24)

int handle_table_init(struct handle_table *table, uint32_t capacity)
{
    void *memory;
    int rc;

    assert(capacity > 0 && capacity <= CAPACITY_MAX);
    rc = sys_map(&memory, capacity * sizeof *table->slots);
    if (rc < 0)
        return rc;
    table->slots = memory;
    table->capacity = capacity;
    table->count = 0;
    table->first_free = 0;
    for (uint32_t i = 0; i < capacity; i++) {
        table->slots[i].generation = 1;
        table->slots[i].next_free = i + 1;
    }
    return 0;
}

void handle_table_finish(struct handle_table *table)
{
    if (table->slots != NULL)
        sys_unmap(table->slots, table->capacity * sizeof *table->slots);
    memset(table, 0, sizeof *table);
}

uint64_t handle_take(struct handle_table *table, void *object)
{
    uint32_t index = table->first_free;
    struct handle_slot *slot = &table->slots[index];

    assert(object != NULL && !handle_table_is_full(table));
    assert(slot->object == NULL);
    table->first_free = slot->next_free;
    table->count++;
    slot->object = object;
    return (uint64_t)slot->generation << 32 | index;
}

void *handle_find(const struct handle_table *table, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;
    uint32_t generation = (uint32_t)(handle >> 32);

    if (index >= table->capacity ||
        table->slots[index].generation != generation)
        return NULL;
    return table->slots[index].object;
}

void handle_give_back(struct handle_table *table, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;
    struct handle_slot *slot = &table->slots[index];

    assert(handle_find(table, handle) != NULL);
    slot->object = NULL;
    if (++slot->generation == 0) /* after four thousand million uses */
        slot->generation = 1;
    slot->next_free = table->first_free;
    table->first_free = index;
    table->count--;
}
