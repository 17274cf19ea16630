/* tools.h: informs the sanitizers about stacks and buffers.
 * Introduced in phase 3. Needs: nothing.
 *
 * AddressSanitizer tracks the current stack. Announce each stack switch to it,
 * or it reports valid accesses as errors. This file also poisons a buffer while
 * the kernel owns it, from the submit until the operation's CQE: it marks the
 * bytes as inaccessible. So AddressSanitizer stops the program at the line that
 * touches the buffer too early.
 *
 * ThreadSanitizer treats a fiber as a thread, and must also be informed of each
 * switch. In a build without sanitizers all these functions are empty. */
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

/* True if the sanitizers of this build read /proc when the program ends. */
#if defined(TOOLS_ASAN) || defined(TOOLS_TSAN)
#define TOOLS_READ_PROC true
#else
#define TOOLS_READ_PROC false
#endif

#ifdef TOOLS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef TOOLS_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* A stack that the program can switch to. AddressSanitizer may keep the local
 * variables of the functions on this stack elsewhere, in a fake stack. */
struct tools_fiber {
    const void *stack; /* its lowest byte; NULL until known */
    size_t len;
    void *fake_stack; /* AddressSanitizer's, while the fiber does not run */
    void *tsan;       /* ThreadSanitizer's handle */
};

/* Makes a fiber for len bytes at stack, or for the current stack if stack is
 * NULL. */
static inline void tools_fiber_init(struct tools_fiber *fiber,
                                    const void *stack, size_t len)
{
    *fiber = (struct tools_fiber){.stack = stack, .len = len};
#ifdef TOOLS_TSAN
    fiber->tsan = stack != NULL ? __tsan_create_fiber(0)
                                : __tsan_get_current_fiber();
#endif
}

/* Releases a fiber that has ended and is not running. */
static inline void tools_fiber_finish(struct tools_fiber *fiber)
{
#ifdef TOOLS_TSAN
    __tsan_destroy_fiber(fiber->tsan);
#endif
    (void)fiber;
}

/* Announces a switch. Call it just before the switch. If ends is true, `from`
 * never runs again, and its fake stack is released. */
static inline void tools_switch_begin(struct tools_fiber *from,
                                      const struct tools_fiber *to, bool ends)
{
#ifdef TOOLS_ASAN
    __sanitizer_start_switch_fiber(ends ? NULL : &from->fake_stack, to->stack,
                                   to->len);
#endif
#ifdef TOOLS_TSAN
    from->tsan = __tsan_get_current_fiber(); /* may have changed */
    __tsan_switch_to_fiber(to->tsan, 0);
#endif
    (void)from, (void)to, (void)ends;
}

/* Ends a switch. Call it just after the switch, on the stack of self. Stores in
 * *left the bounds of the stack that was in use before. tools_fiber_init does
 * not know the bounds of the thread's own stack, so the first switch stores
 * them. */
static inline void tools_switch_end(struct tools_fiber *self,
                                    struct tools_fiber *left)
{
#ifdef TOOLS_ASAN
    __sanitizer_finish_switch_fiber(self->fake_stack, &left->stack, &left->len);
#endif
    (void)self, (void)left;
}

/* Poisons bytes at submit, because the kernel may write to them until the
 * CQE. */
static inline void tools_kernel_owns(const void *buf, size_t len)
{
#ifdef TOOLS_ASAN
    __asan_poison_memory_region(buf, len);
#endif
    (void)buf, (void)len;
}

/* Unpoisons the bytes after the CQE. */
static inline void tools_kernel_done(const void *buf, size_t len)
{
#ifdef TOOLS_ASAN
    __asan_unpoison_memory_region(buf, len);
#endif
    (void)buf, (void)len;
}

/* Marks a function that may read any memory, poisoned or not. */
#ifdef TOOLS_ASAN
#define TOOLS_UNCHECKED __attribute__((no_sanitize("address")))
#else
#define TOOLS_UNCHECKED
#endif

/* Code with the checks of AddressSanitizer needs this many times as much stack
 * as code without them. */
#ifdef TOOLS_ASAN
#define TOOLS_STACK_FACTOR 4
#else
#define TOOLS_STACK_FACTOR 1
#endif

#endif
