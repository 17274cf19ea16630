/* signals.h: receives signals with a read, like data from a socket.
 * Introduced in phase 4. Needs: nothing.
 *
 *     kill(2) --> [ blocked, pending ] --> signalfd --> signals_await_signal()
 *
 * A signal handler runs between any two instructions, on the stack of the code
 * that it interrupts, and may call only a few functions. A signalfd does not
 * have these limits: a task waits for it as for a socket.
 *
 * Rules
 *  - Call signals_open before other threads start, so that they inherit the
 *    blocked signals. If a thread does not block a signal, the kernel may
 *    deliver it to that thread and perform the default action.
 *  - Pass signals such as SIGINT, SIGTERM and SIGUSR1. Do not pass the signals
 *    that the kernel raises for a fault of this thread (SIGSEGV, SIGBUS,
 *    SIGFPE, SIGILL): if one of these is blocked, the kernel kills the process.
 *  - A signal that is sent several times before it is read is delivered once.
 *    POSIX specifies this for pending signals, and signalfd does not change it.
 *  - A program started by child_spawn (child.h) has no blocked signals. */
#ifndef ONE_RING_SIGNALS_H
#define ONE_RING_SIGNALS_H

/* Blocks the signals in this thread and creates a signalfd for them. The caller
 * closes the fd. Closing it does not unblock the signals.
 *
 * Returns  >= 0     the fd
 *          -EINVAL  a number is not a signal
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create the signalfd */
int signals_open(const int *numbers, unsigned count);

/* Suspends the current task until one of the signalfd's signals is pending, and
 * consumes it.
 *
 * Returns  > 0           the signal's number
 *          -ECANCELED    the task was cancelled; no signal is lost
 *          -ETIME        the deadline passed; no signal is lost
 *          other -errno  fd is not from signals_open
 *
 * Source: signalfd(2). */
int signals_await_signal(int fd);

#endif
