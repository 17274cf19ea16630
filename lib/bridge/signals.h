/* signals.h: signals as results of a read, like everything else.
 * Introduced in phase 4. Needs: nothing.
 *
 *     kill(2) --> [ blocked, pending ] --> signalfd --> signals_await_signal()
 *
 * A signal handler runs between any two instructions, on whatever stack is
 * there, and may call next to nothing. A descriptor that delivers signals has
 * none of these troubles: one task waits for it, as it would for a socket.
 *
 * Rules
 *  - Do open before any other thread is made: threads inherit what is blocked,
 *    and one that has not blocked the signal gets it in the old way.
 *  - Do give SIGINT and SIGTERM here, and SIGUSR1. Do not give what the kernel
 *    raises about a mistake in this thread (SIGSEGV, SIGBUS, SIGFPE, SIGILL):
 *    blocked, those kill the process.
 *  - Signals of one number that come before the first is read are one signal:
 *    so says POSIX, and no descriptor changes it.
 *  - A program that this one starts gets its signals unblocked: child.h. */
#ifndef ONE_RING_SIGNALS_H
#define ONE_RING_SIGNALS_H

/* Blocks the signals in this thread and makes the descriptor that delivers
 * them. It is the caller's, to be closed; the signals stay blocked.
 *
 * Returns the fd; -EINVAL for a number that is no signal; -EMFILE, -ENFILE,
 * -ENOMEM. */
int signals_open(const int *numbers, unsigned count);

/* Suspends the current task until one of the descriptor's signals is pending,
 * and takes it.
 *
 * Returns its number, which is above 0; -ECANCELED or -ETIME; or another -errno
 * if fd is not from signals_open. Source: signalfd(2). */
int signals_await_signal(int fd);

#endif
