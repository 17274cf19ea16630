/* handle.c: handles that the kernel returns in a CQE; see handle.h.
 * Introduced in phase 3. Needs: handle.h, sys.h.
 *
 * What it teaches: a table whose free slots form a list. Each slot has a
 * generation, which distinguishes its current object from earlier ones. */
#include "handle.h"

#include <assert.h>
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
    table->fresh = 0;
    return 0;
}

void handle_table_finish(struct handle_table *table)
{
    if (table->slots != NULL)
        sys_unmap(table->slots, table->capacity * sizeof *table->slots);
    memset(table, 0, sizeof *table);
}
