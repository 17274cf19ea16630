/* child_probe.c: tests in a child whether io_uring calls kill the caller; see
 * child_probe.h.
 *
 * A process cannot survive a seccomp filter that kills it, and cannot read the
 * filter either. So a child process makes the first calls. */
#include "child_probe.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

bool child_probe_is_killed(void)
{
    const struct rlimit none = {0, 0};
    struct probe_answers answers;
    struct probe probe;
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        (void)setrlimit(RLIMIT_CORE, &none); /* leave no core file */
        probe_ask(&answers);
        (void)probe_run(&probe);
        _exit(0);
    }
    if (child < 0)
        return false; /* assume that the calls are safe */
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) /* a signal must not hide how the child ended */
            return false;
    }
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}
