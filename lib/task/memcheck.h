/* memcheck.h: informs Valgrind about stacks.
 * Introduced in phase 3. Needs: nothing.
 *
 * Valgrind runs the ordinary build, and detects stack switches by jumps of the
 * stack pointer. But it mistakes a jump within one mapping for a large frame,
 * and marks the bytes between the old and the new stack pointer as dead. These
 * bytes include frames of other tasks, and guards, which make Valgrind crash.
 * So this file registers the bounds of each stack. Outside Valgrind, these
 * functions cost a few instructions and have no effect. If Valgrind's header is
 * not installed when the program is built, they are empty. */
#ifndef ONE_RING_MEMCHECK_H
#define ONE_RING_MEMCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#define MEMCHECK_KNOWN 1
#include <valgrind/valgrind.h>
#endif
#endif

/* Returns true if the program runs under Valgrind. */
static inline bool memcheck_is_here(void)
{
#ifdef MEMCHECK_KNOWN
    return RUNNING_ON_VALGRIND != 0;
#else
    return false;
#endif
}

/* Registers len bytes as a stack. Returns Valgrind's id for it, or 0 without
 * Valgrind. Pass the id to memcheck_stack_ends. */
static inline uint32_t memcheck_stack_begins(void *memory, size_t len)
{
#ifdef MEMCHECK_KNOWN
    return VALGRIND_STACK_REGISTER(memory, (char *)memory + len);
#else
    (void)memory, (void)len;
    return 0;
#endif
}

/* Unregisters a stack: its bytes are ordinary memory again. */
static inline void memcheck_stack_ends(uint32_t name)
{
#ifdef MEMCHECK_KNOWN
    VALGRIND_STACK_DEREGISTER(name);
#endif
    (void)name;
}

/* Turns Valgrind's reports off, and on again, around code that reads memory
 * that may not be initialized. */
static inline void memcheck_look_begins(void)
{
#ifdef MEMCHECK_KNOWN
    VALGRIND_DISABLE_ERROR_REPORTING;
#endif
}

static inline void memcheck_look_ends(void)
{
#ifdef MEMCHECK_KNOWN
    VALGRIND_ENABLE_ERROR_REPORTING;
#endif
}

#endif
