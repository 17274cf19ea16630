/* child_probe.c: finds out in a child whether io_uring calls are deadly; see
 * child_probe.h.
 *
 * A process cannot survive a filter that kills, and cannot read its filter
 * either. So a child makes the first calls: the process does not need it. */
#include "child_probe.h"

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
        (void)setrlimit(RLIMIT_CORE, &none); /* this death is no crash */
        probe_ask(&answers);
        (void)probe_run(&probe);
        _exit(0);
    }
    /* Without a child there is nothing to learn; ask at our own risk. */
    return child > 0 && waitpid(child, &status, 0) == child &&
           WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}
