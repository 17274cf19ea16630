/* ctx_switch.S: the switch itself; see ctx.h.
 * Introduced in phase 3. Needs: nothing.
 *
 * void ctx_switch(struct ctx *from, const struct ctx *to)
 *
 * Pushes what a called function must preserve, stores the stack pointer in
 * from, loads the one of to, and pops the same things in the same order from
 * the other stack. ctx_start is what a new context returns into: it has no
 * caller, and the unwind information says so, so that a backtrace ends there. */

#if defined(__x86_64__) && !defined(CTX_UCONTEXT)

    .text
    .globl ctx_switch
    .type ctx_switch, @function
    .p2align 4
ctx_switch:
    .cfi_startproc
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)          /* rounding and exception masks belong to the */
    fnstcw 4(%rsp)          /* callee-saved state too: ABI 3.2.1 */
    movq %rsp, (%rdi)
    movq (%rsi), %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    /* Not ret: the processor predicts a ret from the calls that it saw, which
     * were on the other stack. An indirect jump is predicted by where it went
     * the last times. */
    popq %rcx
    jmpq *%rcx
    .cfi_endproc
    .size ctx_switch, . - ctx_switch

    .globl ctx_start
    .type ctx_start, @function
    .p2align 4
ctx_start:
    .cfi_startproc
    .cfi_undefined rip
    movq %r13, %rdi
    callq *%r12
    ud2                     /* a context's entry must not return */
    .cfi_endproc
    .size ctx_start, . - ctx_start

#elif defined(__aarch64__) && !defined(CTX_UCONTEXT)

    .text
    .globl ctx_switch
    .type ctx_switch, %function
    .p2align 4
ctx_switch:
    .cfi_startproc
    sub sp, sp, #176
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mrs x9, fpcr
    str x9, [sp, #160]
    mov x10, sp
    str x10, [x0]
    ldr x10, [x1]
    mov sp, x10
    ldr x11, [sp, #160]
    cmp x11, x9             /* writing fpcr is slow; mostly it is the same */
    b.eq 1f
    msr fpcr, x11
1:  ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #176
    ret
    .cfi_endproc
    .size ctx_switch, . - ctx_switch

    .globl ctx_start
    .type ctx_start, %function
    .p2align 4
ctx_start:
    .cfi_startproc
    .cfi_undefined x30
    mov x0, x20
    blr x19
    brk #1                  /* a context's entry must not return */
    .cfi_endproc
    .size ctx_start, . - ctx_start

#endif

    .section .note.GNU-stack, "", %progbits
