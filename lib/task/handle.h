/* handle.h: handles that the kernel returns in a CQE.
 * Introduced in phase 3. Needs: nothing.
 *
 *     handle = generation << 32 | slot
 *
 * A completion carries the 64 bits of user_data of its SQE. An address in
 * user_data is unsafe, because the memory may hold another object when the
 * completion arrives. A handle is safe, because a program can check it. Its
 * slot is an entry of a table and points to the object. handle_release
 * increments the generation of the slot, so handle_find returns NULL for the
 * old handle of a late completion. Unlike addresses, handles are the same in
 * every run. */
#ifndef ONE_RING_HANDLE_H
#define ONE_RING_HANDLE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handle_slot {
    void *object;        /* borrowed; NULL while the slot is free */
    uint32_t generation; /* 1 or more, so that no handle is 0 */
    uint32_t next_free;  /* index of the next free slot, if this is free */
};

struct handle_table {
    struct handle_slot *slots; /* owned */
    uint32_t first_free; /* index of a free slot; capacity: none is free */
    uint32_t fresh;      /* index of the first slot that was never taken */
    uint32_t capacity;
    uint32_t count; /* slots taken */
};

/* Makes a table of capacity free slots (1 to 2^24). The caller owns the table
 * until handle_table_finish. A slot does not use memory until it is taken for
 * the first time.
 *
 * Returns 0        all slots are free
 *         -ENOMEM  no memory */
int handle_table_init(struct handle_table *table, uint32_t capacity);

/* Frees the slots. Accepts a zeroed table. */
void handle_table_finish(struct handle_table *table);

/* Returns true if no slot is free. */
static inline bool handle_table_is_full(const struct handle_table *table)
{
    return table->count == table->capacity;
}

/* Takes a slot for object, which must not be NULL. The caller still owns
 * object. The table must not be full. Returns the handle, never 0. */
static inline uint64_t handle_take(struct handle_table *table, void *object)
{
    uint32_t index = table->first_free;
    struct handle_slot *slot = &table->slots[index];

    assert(object != NULL && !handle_table_is_full(table));
    assert(slot->object == NULL);
    if (index == table->fresh) { /* its memory has not been touched yet */
        slot->generation = 1;
        slot->next_free = ++table->fresh;
    }
    table->first_free = slot->next_free;
    table->count++;
    slot->object = object;
    return (uint64_t)slot->generation << 32 | index;
}

/* Returns the object of a handle, or NULL if the handle was released or never
 * existed. */
static inline void *handle_find(const struct handle_table *table,
                                uint64_t handle)
{
    uint32_t index = (uint32_t)handle;
    uint32_t generation = (uint32_t)(handle >> 32);

    if (index >= table->capacity ||
        table->slots[index].generation != generation)
        return NULL;
    return table->slots[index].object;
}

/* Releases the slot of a handle. After that, handle_find returns NULL for the
 * handle. */
static inline void handle_release(struct handle_table *table, uint64_t handle)
{
    uint32_t index = (uint32_t)handle;
    struct handle_slot *slot = &table->slots[index];

    assert(handle_find(table, handle) != NULL);
    slot->object = NULL;
    if (++slot->generation == 0) /* after 2^32 - 1 uses */
        slot->generation = 1;
    slot->next_free = table->first_free;
    table->first_free = index;
    table->count--;
}

#endif
