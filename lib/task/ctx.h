/* ctx.h: makes contexts, and switches between them.
 * Introduced in phase 3. Needs: nothing.
 *
 * A context is a point of execution to which a program can return: a stack, a
 * code address, and the registers. A switch saves the stack pointer and the
 * code address, and loads those of the other context. Its asm statement tells
 * the compiler that it clobbers all other registers. So the compiler saves the
 * values that it still needs, and no others.
 *
 * On x86-64 and aarch64 a switch is a dozen inline instructions. It must be
 * inline because a processor predicts the target of each return from the calls
 * before it. A switch that is a function would be called on one stack and
 * return on another. Then the processor would mispredict every later return of
 * the resumed task. A switch that only jumps leaves the predictions unchanged,
 * and they are right if both tasks reached it through the same calls.
 *
 * On other processors, or with -DCTX_UCONTEXT, a switch uses ucontext(3), which
 * is portable but makes a system call for the signal mask at each switch.
 *
 * Source: System V ABI, AMD64 supplement, section 3.2.1; AAPCS64, section 6. */
#ifndef ONE_RING_CTX_H
#define ONE_RING_CTX_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && !defined(CTX_UCONTEXT)
struct ctx {
    void *sp;       /* the stack pointer */
    void *pc;       /* the address to jump to */
    void *fp;       /* rbp: not allowed in an asm's clobber list */
    uint32_t mxcsr; /* rounding and exception masks of the vector unit */
    uint16_t fpcw;  /* rounding and exception masks of the x87 */
};
#elif defined(__aarch64__) && !defined(CTX_UCONTEXT)
struct ctx {
    void *sp;      /* the stack pointer */
    void *pc;      /* the address to jump to */
    void *fp;      /* x29: not allowed in an asm's clobber list */
    uint64_t fpcr; /* rounding and exception masks */
};
#else
#include <ucontext.h>
struct ctx {
    ucontext_t ucontext;
};
#endif

/* The function that a new context runs. It must not return, because it has no
 * caller. */
typedef void ctx_entry(void *arg);

/* Makes a context that calls entry(arg) on the len bytes at stack. The stack
 * grows down from the end of these bytes. The caller owns the stack. len is at
 * least 1024. The floating-point modes start at their defaults. Cannot fail. */
void ctx_make(struct ctx *ctx, void *stack, size_t len, ctx_entry *entry,
              void *arg);

/* ctx_switch saves the current context in *from and resumes *to. It returns
 * when another switch resumes *from. Cannot fail. */
#if defined(__x86_64__) && !defined(CTX_UCONTEXT)

/* Only processors with AVX-512 have these registers. */
#ifdef __AVX512F__
#define CTX_AVX512                                                            \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", \
        "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",        \
        "xmm31", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define CTX_AVX512
#endif

/* Loads mxcsr without comparing it first, because the load is cheap. Loads the
 * x87 mode only if the two contexts have different modes, because that load is
 * slow, and few tasks change the mode. */
static inline void ctx_switch(struct ctx *from, const struct ctx *to)
{
    __asm__ volatile(
        "leaq 3f(%%rip), %%rax\n\t"
        "movq %%rsp, (%0)\n\t"
        "movq %%rax, 8(%0)\n\t"
        "movq %%rbp, 16(%0)\n\t"
        "stmxcsr 24(%0)\n\t"
        "fnstcw 28(%0)\n\t"
        "movzwl 28(%0), %%eax\n\t"
        "movq (%1), %%rsp\n\t" /* now on the stack of *to */
        "movq 16(%1), %%rbp\n\t"
        "cmpw 28(%1), %%ax\n\t"
        "je 2f\n\t"
        "fldcw 28(%1)\n"
        "2:\tldmxcsr 24(%1)\n\t"
        "jmpq *8(%1)\n"
        "3:"
        : "+D"(from), "+S"(to)
        :
        : "memory", "cc", "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11",
          "r12", "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
          "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
          "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)", "st(3)", "st(4)",
          "st(5)", "st(6)", "st(7)" CTX_AVX512);
}

#elif defined(__aarch64__) && !defined(CTX_UCONTEXT)

#ifdef __ARM_FEATURE_SVE
#define CTX_SVE                                                              \
    , "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10",     \
        "p11", "p12", "p13", "p14", "p15", "ffr"
#else
#define CTX_SVE
#endif

/* Writes fpcr only if the two contexts have different values, because a write
 * is slow, and few tasks change the value. "hint #36" is "bti j", which permits
 * the jump on processors that check jump targets. */
static inline void ctx_switch(struct ctx *from, const struct ctx *to)
{
    register struct ctx *x0 __asm__("x0") = from;
    register const struct ctx *x1 __asm__("x1") = to;

    __asm__ volatile(
        "adr x9, 3f\n\t"
        "mov x10, sp\n\t"
        "mrs x11, fpcr\n\t"
        "stp x10, x9, [%0]\n\t"
        "stp x29, x11, [%0, #16]\n\t"
        "ldp x10, x9, [%1]\n\t"
        "ldp x29, x12, [%1, #16]\n\t"
        "mov sp, x10\n\t" /* now on the stack of *to */
        "cmp x12, x11\n\t"
        "b.eq 2f\n\t"
        "msr fpcr, x12\n"
        "2:\tbr x9\n"
        "3:\thint #36"
        : "+r"(x0), "+r"(x1)
        :
        : "memory", "cc", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
          "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20",
          "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x30", "v0",
          "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",
          "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21",
          "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30",
          "v31" CTX_SVE);
}

#else
void ctx_switch(struct ctx *from, const struct ctx *to);
#endif

#endif
