/* ctx_start.S: the first code that a new context runs; see ctx.h.
 * Introduced in phase 3. Needs: nothing.
 *
 * ctx_make has put the function and its argument on the stack. This code has no
 * caller, and its unwind information names none, so a backtrace ends here. */

#if defined(__x86_64__) && !defined(CTX_UCONTEXT)

    .text
    .globl ctx_start
    .type ctx_start, @function
    .p2align 4
ctx_start:
    .cfi_startproc
    .cfi_undefined rip
    popq %rax               /* entry */
    popq %rdi               /* arg */
    callq *%rax
    ud2                     /* a context's entry must not return */
    .cfi_endproc
    .size ctx_start, . - ctx_start

#elif defined(__aarch64__) && !defined(CTX_UCONTEXT)

    .text
    .globl ctx_start
    .type ctx_start, %function
    .p2align 4
ctx_start:
    .cfi_startproc
    .cfi_undefined x30
    hint #36                /* bti j: ctx_switch jumps here */
    ldp x1, x0, [sp], #16   /* entry, arg */
    blr x1
    brk #1                  /* a context's entry must not return */
    .cfi_endproc
    .size ctx_start, . - ctx_start

#endif

    .section .note.GNU-stack, "", %progbits
