/* ctx.c: the stack that a new context starts on; see ctx.h.
 * Introduced in phase 3. Needs: ctx.h.
 *
 * What it teaches: ctx_switch enters a context by popping registers and
 * jumping, so a context that has never run is a stack on which somebody has
 * laid out what the pops expect. */
#include "ctx.h"

#include <assert.h>
#include <stdint.h>

#if defined(__x86_64__) && !defined(CTX_UCONTEXT)

/* In ctx_switch.S: moves arg into place and calls entry. */
void ctx_start(void);

#define MXCSR_DEFAULT UINT64_C(0x1f80) /* round to nearest, all masked */
#define FPCW_DEFAULT UINT64_C(0x037f)  /* the same for the x87 */

void ctx_make(struct ctx *ctx, void *stack, size_t len, ctx_entry *entry,
              void *arg)
{
    uintptr_t top = ((uintptr_t)stack + len) & ~(uintptr_t)15;
    uint64_t *frame = (uint64_t *)top - 8; /* the order of ctx_switch's pops */

    assert(len >= 1024);
    frame[0] = FPCW_DEFAULT << 32 | MXCSR_DEFAULT;
    frame[1] = 0;                   /* r15 */
    frame[2] = 0;                   /* r14 */
    frame[3] = (uintptr_t)arg;      /* r13 */
    frame[4] = (uintptr_t)entry;    /* r12 */
    frame[5] = 0;                   /* rbx */
    frame[6] = 0;                   /* rbp: ends a walk of frame pointers */
    frame[7] = (uintptr_t)ctx_start;
    ctx->sp = frame;
}

#elif defined(__aarch64__) && !defined(CTX_UCONTEXT)

void ctx_start(void);

void ctx_make(struct ctx *ctx, void *stack, size_t len, ctx_entry *entry,
              void *arg)
{
    uintptr_t top = ((uintptr_t)stack + len) & ~(uintptr_t)15;
    uint64_t *frame = (uint64_t *)top - 22; /* 176 bytes, see ctx_switch.S */

    assert(len >= 1024);
    for (int i = 0; i < 22; i++)
        frame[i] = 0; /* fpcr 0: round to nearest */
    frame[0] = (uintptr_t)entry;      /* x19 */
    frame[1] = (uintptr_t)arg;        /* x20 */
    frame[11] = (uintptr_t)ctx_start; /* x30: where ret goes */
    ctx->sp = frame;
}

#else

/* makecontext passes ints: a pointer travels as two halves. */
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
