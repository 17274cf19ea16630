/* service_error.c: the messages of a failed service; see service_error.h.
 * Introduced in phase 8. Needs: service_error.h, err.h.
 *
 * What it teaches: the advice for an errno depends on the step that failed. */
#include "service_error.h"

#include <errno.h>

#include "err.h"

const char *service_step_words(enum service_step step)
{
    static const char *const words[] = {
        [SERVICE_RING] = "cannot set up io_uring",
        [SERVICE_LISTEN] = "cannot listen",
        [SERVICE_SERVER] = "cannot make the connections",
        [SERVICE_CONTEXT] = "cannot start",
        [SERVICE_ACCEPT] = "cannot accept connections",
        [SERVICE_THREAD] = "cannot start a thread",
    };

    return words[step];
}

const char *service_advice(enum service_step step, int result, bool is_unix)
{
    if (step == SERVICE_RING)
        return err_ring_advice(result);
    if (result == -EADDRINUSE && is_unix)
        return "the path must be free, or a Unix socket that no program uses";
    if (result == -EADDRINUSE)
        return "another program listens there: choose another port";
    if (result == -EADDRNOTAVAIL)
        return "--bind takes an address of this machine";
    if (result == -EACCES && is_unix)
        return "choose a directory that you may write to";
    if (result == -EACCES)
        return "ports below 1024 are for root; choose one above";
    if (result == -ENOENT)
        return "make the directory of the socket first";
    if (result == -ENOMEM)
        return "ask for less: --max-conns, --bufs, --threads";
    if (result == -EMFILE || result == -ENFILE)
        return "too many files are open: see ulimit -n";
    return "see --help";
}
