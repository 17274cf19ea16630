/* signals.c: receives signals with a read; see signals.h.
 * Introduced in phase 4. Needs: signals.h, await.h, err.h, sys.h.
 *
 * What it teaches: the ring can wait for any file, and signalfd(2) turns
 * signals into a file. So the program does not need a signal handler or a
 * global flag, and the task that reads a signal may call any function. */
#include "signals.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "await.h"
#include "err.h"
#include "sys.h"

int signals_open(const int *numbers, unsigned count)
{
    sigset_t set;

    sigemptyset(&set);
    for (unsigned i = 0; i < count; i++)
        if (sigaddset(&set, numbers[i]) != 0)
            return -EINVAL; /* sigaddset has no other error */
    return sys_signal_fd(&set);
}

int signals_await_signal(int fd)
{
    struct signalfd_siginfo info;
    int got;

    /* Poll before the read. Every signal of this process wakes a read of the
     * signalfd, even a signal that is not in the set. After many signals the
     * kernel gives the read to a worker, and the next signal ends the read with
     * an error. A caller that stopped at this error would miss later signals.
     * A poll does not need a worker, and after the poll a record is ready for
     * the read.
     *
     * If the kernel needs a worker for the read and cannot create one, the
     * record is still there. Read again: a server whose task gave up here would
     * ignore SIGTERM. */
    do {
        got = await_poll(fd, POLLIN);
        if (got >= 0)
            got = await_read(fd, &info, sizeof info, AWAIT_STREAM);
    } while (got == -ERR_NO_WORKER);
    if (got < 0)
        return got;
    if (got != (int)sizeof info)
        return -EINVAL; /* a signalfd returns only whole records */
    assert(info.ssi_signo > 0);
    return (int)info.ssi_signo;
}
