/* sys_fault.h: the door to the system for memory faults.
 * Introduced in phase 3. Needs: nothing.
 *
 * A leaf of the door that sys.h is: the same rules. A fault is a SIGSEGV, and
 * its handler needs its own stack: the one that was in use may be what has run
 * out. */
#ifndef ONE_RING_SYS_FAULT_H
#define ONE_RING_SYS_FAULT_H

#include <stddef.h>

/* Told of the address that was touched, and of the stack pointer of who touched
 * it (NULL on a processor that we do not know), on the thread that did it. It
 * may call only what signal-safety(7) lists, and returns. */
typedef void sys_fault_fn(const void *address, const void *stack_pointer);

/* Has fn told of every SIGSEGV that a touch of memory causes, in all threads,
 * from now on. After it what was in force before happens: the handler that was
 * there is called, or the process dies at the instruction that faulted. One fn
 * for a process; to ask again with the same is to ask once. Returns 0 or
 * -errno. */
int sys_on_fault(sys_fault_fn *fn);

/* Gives this thread a stack for the handlers that want one (sigaltstack(2)).
 * Returns 1, and *memory is to be handed to sys_signal_stack_finish by the same
 * thread; 0 if the thread has one already, which it keeps; or -errno. */
int sys_signal_stack(void **memory);
void sys_signal_stack_finish(void *memory);

#endif
