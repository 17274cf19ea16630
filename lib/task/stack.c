/* stack.c: stacks for tasks, each with a guard below it; see stack.h.
 * Introduced in phase 3. Needs: stack.h, memcheck.h, sys.h, tools.h.
 *
 * What it teaches: one large mapping is better than many small ones. Each mmap
 * adds an entry to the process's table of mappings, and each mprotect of a
 * guard adds two. By default, the table is limited to 65,530 entries. A guard
 * that is made with MADV_GUARD_INSTALL (Linux 6.13) does not add an entry. */
#include "stack.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "memcheck.h"
#include "sys.h"
#include "tools.h"

#define COUNT_MAX (UINT32_C(1) << 20)

/* If all stacks started at the same offset in a page, they would compete for
 * the same few sets of the L1 cache. So stack_take shifts the start of each
 * stack by up to 31 cache lines. */
#define COLOURS 32u
#define COLOUR_STEP 64u

int stack_arena_init(struct stack_arena *arena, uint32_t count, size_t len)
{
    size_t page = sys_page_size();
    void *memory, *indices;
    int rc;

    assert(count > 0 && count <= COUNT_MAX && len > 0);
    memset(arena, 0, sizeof *arena);
    arena->guard = page;
    arena->stride = page + (len + page - 1) / page * page;
    arena->count = count;
    rc = sys_map(&memory, count * arena->stride);
    if (rc < 0)
        return rc;
    rc = sys_map(&indices, count * sizeof *arena->free);
    if (rc < 0) {
        sys_unmap(memory, count * arena->stride);
        return rc;
    }
    arena->memory = memory;
    arena->free = indices;
    if (memcheck_is_here() &&
        sys_map(&indices, count * sizeof *arena->names) == 0)
        arena->names = indices;
    return 0;
}

void stack_arena_finish(struct stack_arena *arena)
{
    if (arena->names != NULL) {
        for (uint32_t i = 0; i < arena->fresh; i++)
            memcheck_stack_ends(arena->names[i]);
        sys_unmap(arena->names, arena->count * sizeof *arena->names);
    }
    if (arena->memory != NULL) {
        assert(arena->free_count == arena->fresh); /* all were released */
        sys_unmap(arena->memory, arena->count * arena->stride);
        sys_unmap(arena->free, arena->count * sizeof *arena->free);
    }
    memset(arena, 0, sizeof *arena);
}

int stack_take(struct stack_arena *arena, struct stack *out)
{
    uint32_t index;
    char *slot;
    int rc;

    if (arena->free_count > 0) {
        index = arena->free[--arena->free_count];
        if (arena->cold_count > arena->free_count)
            arena->cold_count = arena->free_count;
        slot = arena->memory + index * arena->stride;
    } else if (arena->fresh < arena->count) {
        index = arena->fresh;
        slot = arena->memory + index * arena->stride;
        rc = sys_guard(slot, arena->guard);
        if (rc < 0)
            return rc;
        if (arena->names != NULL)
            arena->names[index] = memcheck_stack_begins(
                slot + arena->guard, stack_arena_len(arena));
        arena->fresh++;
    } else {
        return -EAGAIN;
    }
    out->memory = slot + arena->guard;
    out->len = arena->stride - arena->guard - index % COLOURS * COLOUR_STEP;
    return 0;
}

void stack_release(struct stack_arena *arena, struct stack stack)
{
    size_t offset = (size_t)((char *)stack.memory - arena->memory);

    assert(offset % arena->stride == arena->guard);
    assert(arena->free_count < arena->fresh);
    arena->free[arena->free_count++] = (uint32_t)(offset / arena->stride);
    if (arena->free_count - arena->cold_count > STACK_WARM_MAX) {
        uint32_t coldest = arena->free[arena->cold_count++];

        sys_discard(arena->memory + coldest * arena->stride + arena->guard,
                    stack_arena_len(arena));
    }
}

/* Stack memory is zero until a function writes to it. Each call writes at least
 * its return address, so the result misses at most a few bytes of the deepest
 * frame. Checks are off here, because Valgrind and AddressSanitizer would
 * report these reads. */
TOOLS_UNCHECKED size_t stack_high_water(struct stack stack)
{
    const uint64_t *word = stack.memory;
    size_t i = 0, count = stack.len / sizeof *word;

    memcheck_look_begins();
    while (i < count && word[i] == 0)
        i++;
    memcheck_look_ends();
    return stack.len - i * sizeof *word;
}
