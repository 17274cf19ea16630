/* stack.h: stacks for tasks, each with a guard below it.
 * Introduced in phase 3. Needs: nothing.
 *
 *     | guard | stack 0 ....... | guard | stack 1 ....... | guard | ...
 *
 * An arena is one mapping. A stack uses memory only for pages that were
 * touched. A guard is a page that cannot be accessed, so that an overflow
 * causes a fault instead of writing to another stack. stack_take prefers
 * released stacks, because their pages may be allocated already. The
 * STACK_WARM_MAX stacks that were released last keep their pages. The pages of
 * the other released stacks are discarded, so that a burst of tasks does not
 * hold memory forever. Nothing here suspends a task. */
#ifndef ONE_RING_STACK_H
#define ONE_RING_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STACK_WARM_MAX 256u

struct stack {
    void *memory; /* its lowest byte, above the guard */
    size_t len;   /* bytes */
};

struct stack_arena {
    char *memory;    /* owned; guard and stack alternate */
    size_t stride;   /* bytes from one stack to the next */
    size_t guard;    /* bytes of one guard */
    uint32_t *free;  /* owned; indices of released stacks */
    uint32_t *names; /* owned; Valgrind's ids, or NULL without it */
    uint32_t free_count;
    uint32_t cold_count; /* stacks whose pages are discarded: the first
                            entries of free */
    uint32_t fresh;  /* index of the first stack that was never taken */
    uint32_t count;  /* stacks in all */
};

/* Maps count stacks (1 to 2^20) of len bytes, rounded up to pages.
 *
 * Returns 0        the arena is ready
 *         -ENOMEM  no memory; nothing is mapped */
int stack_arena_init(struct stack_arena *arena, uint32_t count, size_t len);

/* Unmaps all stacks; none may be in use (asserted). Accepts a zeroed arena. */
void stack_arena_finish(struct stack_arena *arena);

/* Takes a stack, which the caller owns until stack_release.
 *
 * Returns 0        *out is the stack
 *         -EAGAIN  all stacks are taken
 *         -ENOMEM  the kernel has no memory for the guard of a new stack */
int stack_take(struct stack_arena *arena, struct stack *out);

/* Releases a stack that stack_take returned. */
void stack_release(struct stack_arena *arena, struct stack stack);

/* Returns true if address is in the guard below stack. */
static inline bool stack_guards(const struct stack_arena *arena,
                                struct stack stack, const void *address)
{
    uintptr_t end = (uintptr_t)stack.memory, at = (uintptr_t)address;

    return at < end && end - at <= arena->guard;
}

/* Returns true if address is in a guard of the arena, and stack_pointer is in
 * that guard or in the stack above it. In this case, the code on that stack has
 * overflowed it. */
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

/* Returns the number of bytes between two guards of the arena. A stack from
 * stack_take may be up to 1984 bytes shorter, because stack_take shifts the
 * start of the stack (stack.c: COLOURS). */
static inline size_t stack_arena_len(const struct stack_arena *arena)
{
    return arena->stride - arena->guard;
}

/* Returns the number of bytes of a stack that its current owner or an earlier
 * one has touched. This is slow, because it reads every untouched byte. Use it
 * only to measure how large stacks must be. */
size_t stack_high_water(struct stack stack);

#endif
