/* signals.h: signals as results of a read, like everything else.
 * Introduced in phase 4. Needs: nothing.
 *
 *     kill(2) --> [ blocked, pending ] --> signalfd --> signals_await_signal()
 *
 * A signal handler runs between any two instructions, on the stack of the code
 * that it interrupts, and may call only a few functions. A descriptor that
 * delivers signals has no such limits: one task waits for it, as for a socket.
 *
 * Rules
 *  - Open it before other threads start: they inherit the blocked signals. A
 *    thread that does not block a signal may get it, with the default action.
 *  - Pass SIGINT, SIGTERM and SIGUSR1, for example. Do not pass the signals
 *    that the kernel raises for a fault of this thread (SIGSEGV, SIGBUS,
 *    SIGFPE, SIGILL): if one of these is blocked, the kernel kills the process.
 *  - Signals of one number that arrive before the first is read are one signal.
 *    POSIX defines it so, and a descriptor does not change it.
 *  - A program that this one starts has its signals unblocked: child.h. */
#ifndef ONE_RING_SIGNALS_H
#define ONE_RING_SIGNALS_H

/* Blocks the signals in this thread and makes the descriptor that delivers
 * them. The caller owns it and closes it; the signals stay blocked.
 *
 * Returns  >= 0     the fd
 *          -EINVAL  a number is not a signal
 *          -EMFILE, -ENFILE, -ENOMEM  no descriptor could be made */
int signals_open(const int *numbers, unsigned count);

/* Suspends the current task until one of the descriptor's signals is pending,
 * and takes it.
 *
 * Returns  > 0           the signal's number
 *          -ECANCELED    the task was cancelled; no signal is lost
 *          -ETIME        its deadline passed; no signal is lost
 *          other -errno  fd is not from signals_open
 *
 * Source: signalfd(2). */
int signals_await_signal(int fd);

#endif
