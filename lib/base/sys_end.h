/* sys_end.h: ends a process that cannot continue.
 * Introduced in phase 0. Needs: nothing.
 *
 * Two cases have no error to return. A caller has broken a rule: then the state
 * of the process is not known, and a core dump helps to find the mistake. Or
 * the kernel refuses a ring that has operations in flight: then no call can end
 * them, and their buffers cannot be released. */
#ifndef ONE_RING_SYS_END_H
#define ONE_RING_SYS_END_H

/* Prints "fatal: WHAT" with the words and the name of result, and aborts. For
 * the invariants without which a program could return wrong bytes. */
_Noreturn void sys_fatal(const char *what, int result);

/* Prints that the kernel refuses the ring with result, and what a user can do.
 * Flushes stdio, and ends the process with exit code 2. */
_Noreturn void sys_end_without_ring(int result);

#endif
