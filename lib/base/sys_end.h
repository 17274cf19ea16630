/* sys_end.h: ends a process that cannot continue.
 * Introduced in phase 0. Needs: nothing.
 *
 * In two cases, lib ends the process instead of returning an error. In the
 * first case, a caller broke a rule. The state of the process is then unknown,
 * and a core dump helps to find the mistake. In the second case, io_uring_enter
 * has failed while operations are in flight. Then no call can end these
 * operations, so the program can never free their buffers. */
#ifndef ONE_RING_SYS_END_H
#define ONE_RING_SYS_END_H

/* Prints "fatal: WHAT" with the text and the name of result, and aborts. Use it
 * for an error after which the program might produce wrong data. */
_Noreturn void sys_fatal(const char *what, int result);

/* Flushes stdio, prints "the kernel refuses the ring" with the text of result
 * and advice, and ends the process with exit code 2. */
_Noreturn void sys_end_without_ring(int result);

/* Makes fn run if the process ends early: by one of the two functions above, by
 * abort(3), by a failed assertion, or by a signal. The signals are SIGHUP,
 * SIGINT, SIGPIPE and SIGTERM, if the program has not changed their action. The
 * process then ends as it would without fn. fn does not run after a fault such
 * as SIGSEGV, or after SIGKILL.
 *
 * fn runs at most once, in any thread. It may run in a signal handler, so it
 * must not take a lock or allocate memory. There is one fn per process; NULL
 * removes it. */
void sys_end_watch(void (*fn)(void));

#endif
