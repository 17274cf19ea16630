/* ctx.h: two functions: make a context, switch to one.
 * Introduced in phase 3. Needs: nothing.
 *
 * A context is a point in a computation that can be gone back to: a stack, and
 * the registers that a called function must leave as they were. Saving those on
 * the stack that is left, and loading them from the stack that is entered, is
 * all that a coroutine needs. To the compiler ctx_switch is an ordinary call,
 * so it has saved every other register itself.
 *
 * On x86-64 and aarch64 this is a dozen instructions (ctx_switch.S). Elsewhere,
 * or with -DCTX_UCONTEXT, it is ucontext(3), which is right everywhere and
 * costs a system call for the signal mask at each switch.
 *
 * Source: System V ABI, AMD64 supplement, section 3.2.1; AAPCS64, section 6. */
#ifndef ONE_RING_CTX_H
#define ONE_RING_CTX_H

#include <stddef.h>

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(CTX_UCONTEXT)
struct ctx {
    void *sp; /* the stack pointer, with the registers above it */
};
#else
#include <ucontext.h>
struct ctx {
    ucontext_t ucontext;
};
#endif

/* Where a new context starts. It must never return: there is no caller. */
typedef void ctx_entry(void *arg);

/* Makes a context that will call entry(arg) on the stack of len bytes at stack,
 * which grows down from its end and stays the caller's. The floating-point
 * modes start at their defaults. Cannot fail. */
void ctx_make(struct ctx *ctx, void *stack, size_t len, ctx_entry *entry,
              void *arg);

/* Saves the present context in from and goes on in to. Returns when something
 * switches to from. */
void ctx_switch(struct ctx *from, const struct ctx *to);

#endif
