/* tools.h: what sanitizers must be told, in one file.
 * Introduced in phase 3. Needs: nothing.
 *
 * AddressSanitizer follows stacks and memory. It must be told of each switch of
 * stacks, or it takes a task's frames for garbage. And it can be told more than
 * it could know: that a buffer belongs to the kernel from submit until its CQE.
 * Poisoned so, it stops at the line that touches the buffer too early.
 *
 * ThreadSanitizer takes a fiber for a thread, and must be told which one runs.
 * In a build without sanitizers all of this is nothing. */
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

/* A stack that can be switched to, as the sanitizers know it. */
struct tools_fiber {
    const void *stack; /* its lowest byte; NULL until known */
    size_t len;
    void *fake_stack; /* AddressSanitizer's, while the fiber does not run */
    void *tsan;       /* ThreadSanitizer's name for it */
};

/* A fiber on its own stack; and the one that this thread runs on. */
static inline void tools_fiber_init(struct tools_fiber *fiber,
                                    const void *stack, size_t len)
{
    *fiber = (struct tools_fiber){.stack = stack, .len = len};
#ifdef TOOLS_TSAN
    fiber->tsan = stack != NULL ? __tsan_create_fiber(0)
                                : __tsan_get_current_fiber();
#endif
}

/* The fiber has ended and something else runs. */
static inline void tools_fiber_finish(struct tools_fiber *fiber)
{
#ifdef TOOLS_TSAN
    __tsan_destroy_fiber(fiber->tsan);
#endif
    (void)fiber;
}

/* Just before a switch. A fiber that ends gives up its fake stack. */
static inline void tools_switch_begin(struct tools_fiber *from,
                                      const struct tools_fiber *to, bool ends)
{
#ifdef TOOLS_ASAN
    __sanitizer_start_switch_fiber(ends ? NULL : &from->fake_stack, to->stack,
                                   to->len);
#endif
#ifdef TOOLS_TSAN
    from->tsan = __tsan_get_current_fiber(); /* a body may run on another's */
    __tsan_switch_to_fiber(to->tsan, 0);
#endif
    (void)from, (void)to, (void)ends;
}

/* Just after, on the stack of self. Learns where the one that was left lies:
 * that is how the thread's own stack becomes known. */
static inline void tools_switch_end(struct tools_fiber *self,
                                    struct tools_fiber *left)
{
#ifdef TOOLS_ASAN
    __sanitizer_finish_switch_fiber(self->fake_stack, &left->stack, &left->len);
#endif
    (void)self, (void)left;
}

/* From submit on the kernel writes these bytes; from the CQE on it does not. */
static inline void tools_kernel_owns(const void *buf, size_t len)
{
#ifdef TOOLS_ASAN
    __asan_poison_memory_region(buf, len);
#endif
    (void)buf, (void)len;
}

static inline void tools_kernel_done(const void *buf, size_t len)
{
#ifdef TOOLS_ASAN
    __asan_unpoison_memory_region(buf, len);
#endif
    (void)buf, (void)len;
}

/* Before a function that looks at memory as such, whatever lies there. */
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
