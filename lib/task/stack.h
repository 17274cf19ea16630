/* stack.h: stacks for tasks, each with a guard below it.
 * Introduced in phase 3. Needs: nothing.
 *
 *     | guard | stack 0 ....... | guard | stack 1 ....... | guard | ...
 *
 * One arena is mapped once; a stack costs memory only where it was touched. An
 * overflow runs into the guard and faults, instead of into another task. Stacks
 * that were released are handed out first: their pages are there already. */
#ifndef ONE_RING_STACK_H
#define ONE_RING_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stack {
    void *memory; /* its lowest byte, above the guard */
    size_t len;   /* bytes */
};

struct stack_arena {
    char *memory;    /* owned; guard and stack alternate */
    size_t stride;   /* bytes from one stack to the next */
    size_t guard;    /* bytes of one guard */
    uint32_t *free;  /* owned; indices of released stacks */
    uint32_t *names; /* owned; Valgrind's, one a stack; NULL: it is not there */
    uint32_t free_count;
    uint32_t fresh;  /* stacks from this index on were never handed out */
    uint32_t count;  /* stacks in all */
};

/* Maps count stacks (1 to 2^20) of len bytes, rounded up to pages.
 * Returns 0 or -ENOMEM; on failure nothing is left. */
int stack_arena_init(struct stack_arena *arena, uint32_t count, size_t len);

/* Unmaps all; no stack may be in use. Accepts a zeroed arena. */
void stack_arena_finish(struct stack_arena *arena);

/* Takes a stack; it is the caller's until stack_release.
 * Returns 0; -EAGAIN if all are taken; -ENOMEM if the kernel has no memory for
 * the guard of a fresh one. */
int stack_take(struct stack_arena *arena, struct stack *out);

void stack_release(struct stack_arena *arena, struct stack stack);

/* True if address lies in the guard below a stack of this arena. */
static inline bool stack_guards(const struct stack_arena *arena,
                                struct stack stack, const void *address)
{
    uintptr_t end = (uintptr_t)stack.memory, at = (uintptr_t)address;

    return at < end && end - at <= arena->guard;
}

/* True if address lies in a guard of the arena, and stack_pointer on the stack
 * above it, or in the guard: whoever stands there has gone too deep. */
static inline bool stack_arena_is_overflowed(const struct stack_arena *arena,
                                             const void *address,
                                             const void *stack_pointer)
{
    uintptr_t base = (uintptr_t)arena->memory;
    uintptr_t at = (uintptr_t)address - base;
    uintptr_t sp = (uintptr_t)stack_pointer - base;

    return at < arena->count * arena->stride &&
           at % arena->stride < arena->guard &&
           sp - at / arena->stride * arena->stride <= arena->stride;
}

/* How long each stack of the arena is, in bytes. */
static inline size_t stack_arena_len(const struct stack_arena *arena)
{
    return arena->stride - arena->guard;
}

/* How much of a stack was ever touched, in bytes: the deepest that whoever had
 * it has gone, its present owner or one before. Looks at every byte that was
 * not: for measuring how long stacks have to be, not for every day. */
size_t stack_high_water(struct stack stack);

#endif
