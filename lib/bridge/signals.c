/* signals.c: signals as results of a read; see signals.h.
 * Introduced in phase 4. Needs: signals.h, await.h, sys.h.
 *
 * What it teaches: the ring waits for anything that is a file. signalfd(2)
 * makes a file of signals. Then a signal needs no handler and no global flag
 * for the loop to check, and its task may call any function. */
#include "signals.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "await.h"
#include "sys.h"

int signals_open(const int *numbers, unsigned count)
{
    sigset_t set;

    sigemptyset(&set);
    for (unsigned i = 0; i < count; i++)
        if (sigaddset(&set, numbers[i]) != 0)
            return -EINVAL; /* its only error */
    return sys_signal_fd(&set);
}

int signals_await_signal(int fd)
{
    struct signalfd_siginfo info;
    int got = await_read(fd, &info, sizeof info, AWAIT_STREAM);

    if (got < 0)
        return got;
    if (got != (int)sizeof info)
        return -EINVAL; /* a signalfd delivers whole records */
    assert(info.ssi_signo > 0);
    return (int)info.ssi_signo;
}
