/* ctx.c: the stack that a new context starts on; see ctx.h.
 * Introduced in phase 3. Needs: ctx.h.
 *
 * What it teaches: ctx_switch loads the stack pointer of a context and jumps.
 * So a new context is an address to jump to, and a stack with the values that
 * the code at that address expects. */
#include "ctx.h"

#include <assert.h>

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(CTX_UCONTEXT)

/* Defined in ctx_start.S. Pops entry and arg off the stack, and calls
 * entry(arg). */
void ctx_start(void);

void ctx_make(struct ctx *ctx, void *stack, size_t len, ctx_entry *entry,
              void *arg)
{
    uintptr_t top = ((uintptr_t)stack + len) & ~(uintptr_t)15;
    uintptr_t *frame = (uintptr_t *)top - 2;

    assert(len >= 1024);
    frame[0] = (uintptr_t)entry;
    frame[1] = (uintptr_t)arg;
    /* fp is 0, which ends a frame-pointer walk. */
    *ctx = (struct ctx){.sp = frame, .pc = (void *)(uintptr_t)ctx_start};
#if defined(__x86_64__)
    ctx->mxcsr = 0x1f80; /* round to nearest, all exceptions masked */
    ctx->fpcw = 0x037f;
#endif
}

#else

/* makecontext passes ints, so a pointer is split into two halves. */
static void start_from_halves(unsigned entry_high, unsigned entry_low,
                              unsigned arg_high, unsigned arg_low)
{
    uint64_t entry = (uint64_t)entry_high << 32 | entry_low;
    uint64_t arg = (uint64_t)arg_high << 32 | arg_low;

    ((ctx_entry *)(uintptr_t)entry)((void *)(uintptr_t)arg);
}

void ctx_make(struct ctx *ctx, void *stack, size_t len, ctx_entry *entry,
              void *arg)
{
    uint64_t e = (uintptr_t)entry, a = (uintptr_t)arg;
    int rc = getcontext(&ctx->ucontext);

    assert(rc == 0 && len >= 1024);
    ctx->ucontext.uc_stack.ss_sp = stack;
    ctx->ucontext.uc_stack.ss_size = len;
    ctx->ucontext.uc_link = NULL;
    makecontext(&ctx->ucontext, (void (*)(void))start_from_halves, 4,
                (unsigned)(e >> 32), (unsigned)e, (unsigned)(a >> 32),
                (unsigned)a);
}

void ctx_switch(struct ctx *from, const struct ctx *to)
{
    int rc = swapcontext(&from->ucontext, &to->ucontext);

    assert(rc == 0);
}

#endif
