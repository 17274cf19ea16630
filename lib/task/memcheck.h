/* memcheck.h: what Valgrind must be told of stacks, in one file.
 * Introduced in phase 3. Needs: nothing.
 *
 * Valgrind runs the ordinary build, and sees by itself that the stack pointer
 * jumps. But it takes a jump within one mapping for a long call or return, and
 * walks over what lies between to declare it dead: over other tasks' frames,
 * and into guards, where it dies itself. So it is told where each stack begins
 * and ends. That is some instructions which do nothing elsewhere, if Valgrind's
 * header was there to build with, and none if not. */
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

/* Whether the program runs under it. */
static inline bool memcheck_is_here(void)
{
#ifdef MEMCHECK_KNOWN
    return RUNNING_ON_VALGRIND != 0;
#else
    return false;
#endif
}

/* From now on these bytes are a stack. Returns Valgrind's name for it, which is
 * wanted when it is one no more. */
static inline uint32_t memcheck_stack_begins(void *memory, size_t len)
{
#ifdef MEMCHECK_KNOWN
    return VALGRIND_STACK_REGISTER(memory, (char *)memory + len);
#else
    (void)memory, (void)len;
    return 0;
#endif
}

static inline void memcheck_stack_ends(uint32_t name)
{
#ifdef MEMCHECK_KNOWN
    VALGRIND_STACK_DEREGISTER(name);
#endif
    (void)name;
}

/* Around a look at memory as such, whatever lies there: nothing is said of
 * it. */
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
