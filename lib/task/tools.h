/* tools.h: tells the sanitizers about stacks and buffers.
 * Introduced in phase 3. Needs: nothing.
 *
 * AddressSanitizer tracks stacks and memory. Announce each switch of stacks to
 * it, or it takes a task's frames for garbage. This file also poisons a buffer
 * that the kernel owns, from submit until its CQE. Then AddressSanitizer stops
 * at the line that touches the buffer too early.
 *
 * ThreadSanitizer treats a fiber as a thread, and needs to know which one runs.
 * In a build without sanitizers all these functions are empty. */
#ifndef ONE_RING_TOOLS_H
#define ONE_RING_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define TOOLS_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define TOOLS_TSAN 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TOOLS_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define TOOLS_TSAN 1
#endif
#endif

#ifdef TOOLS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef TOOLS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* A stack that the program can switch to. */
struct tools_fiber {
    const void *stack; /* its lowest byte; NULL until known */
    size_t len;
    void *fake_stack; /* AddressSanitizer's, while the fiber does not run */
    void *tsan;       /* ThreadSanitizer's name for it */
};

/* Makes a fiber for len bytes of stack; NULL: for the stack in use. */
static inline void tools_fiber_init(struct tools_fiber *fiber,
                                    const void *stack, size_t len)
{
    *fiber = (struct tools_fiber){.stack = stack, .len = len};
#ifdef TOOLS_TSAN
    fiber->tsan = stack != NULL ? __tsan_create_fiber(0)
                                : __tsan_get_current_fiber();
#endif
}

/* Releases a fiber that has ended and does not run. */
static inline void tools_fiber_finish(struct tools_fiber *fiber)
{
#ifdef TOOLS_TSAN
    __tsan_destroy_fiber(fiber->tsan);
#endif
    (void)fiber;
}

/* Announces a switch; call it just before. If from ends, its fake stack is
 * released. */
static inline void tools_switch_begin(struct tools_fiber *from,
                                      const struct tools_fiber *to, bool ends)
{
#ifdef TOOLS_ASAN
    __sanitizer_start_switch_fiber(ends ? NULL : &from->fake_stack, to->stack,
                                   to->len);
#endif
#ifdef TOOLS_TSAN
    from->tsan = __tsan_get_current_fiber(); /* may differ from its first one */
    __tsan_switch_to_fiber(to->tsan, 0);
#endif
    (void)from, (void)to, (void)ends;
}

/* Ends a switch; call it just after, on the stack of self. Stores the bounds of
 * the stack that was left, which also gives those of the thread's stack. */
static inline void tools_switch_end(struct tools_fiber *self,
                                    struct tools_fiber *left)
{
#ifdef TOOLS_ASAN
    __sanitizer_finish_switch_fiber(self->fake_stack, &left->stack, &left->len);
#endif
    (void)self, (void)left;
}

/* Poisons bytes at submit: the kernel may write them until the CQE. */
static inline void tools_kernel_owns(const void *buf, size_t len)
{
#ifdef TOOLS_ASAN
    __asan_poison_memory_region(buf, len);
#endif
    (void)buf, (void)len;
}

/* Ends that, after the CQE. */
static inline void tools_kernel_done(const void *buf, size_t len)
{
#ifdef TOOLS_ASAN
    __asan_unpoison_memory_region(buf, len);
#endif
    (void)buf, (void)len;
}

/* For a function that may read any memory, poisoned or not. */
#ifdef TOOLS_ASAN
#define TOOLS_UNCHECKED __attribute__((no_sanitize("address")))
#else
#define TOOLS_UNCHECKED
#endif

/* How much more stack an instrumented function needs. */
#ifdef TOOLS_ASAN
#define TOOLS_STACK_FACTOR 4
#else
#define TOOLS_STACK_FACTOR 1
#endif

#endif
