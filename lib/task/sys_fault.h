/* sys_fault.h: a handler for memory faults, and the stack it runs on.
 * Introduced in phase 3. Needs: nothing.
 *
 * The rules of sys.h apply. A fault is a SIGSEGV. Its handler needs a separate
 * stack, because the current stack may be full. */
#ifndef ONE_RING_SYS_FAULT_H
#define ONE_RING_SYS_FAULT_H

#include <stddef.h>

/* A fault callback. Its arguments are the address of the faulting access and
 * the stack pointer at the access (NULL on processors other than x86-64 and
 * aarch64). Runs in the thread that faulted. May call only functions listed in
 * signal-safety(7), and must return. */
typedef void sys_fault_fn(const void *address, const void *stack_pointer);

/* Registers fn, which is called for each SIGSEGV that a memory access causes,
 * in all threads. After fn, the previous handler runs. If there is none, the
 * process dies at the faulting instruction. A process can register only one fn
 * (asserted); a second call with the same fn has no effect. Returns 0, or
 * -errno from sigaction(2). */
int sys_on_fault(sys_fault_fn *fn);

/* Gives this thread a stack for handlers with SA_ONSTACK (sigaltstack(2)).
 *
 * Returns 1       *memory is a new stack: pass it to
 *                 sys_signal_stack_finish in this thread
 *         0       the thread already had a stack; *memory is NULL
 *         -errno  from sigaltstack(2) or mmap(2); *memory is NULL */
int sys_signal_stack(void **memory);

/* Removes and releases a stack that sys_signal_stack made. Accepts NULL. */
void sys_signal_stack_finish(void *memory);

#endif
