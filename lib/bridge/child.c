/* child.c: starts other programs and waits for their exit; see child.h.
 * Introduced in phase 4. Needs: child.h, await.h, sys.h, sys_process.h.
 *
 * What it teaches: the exit of a process can be a completion. A loop that
 * handles SIGCHLD instead has to check all its children after each signal,
 * because one signal may report several exits. */
#include "child.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "await.h"
#include "sys.h"
#include "sys_process.h"

/* Closes one end of a pipe, if it is open. sys_pipe returns only fds above 2,
 * so the zeros in a zeroed struct child do not count as open. */
static void close_if_open(int *fd)
{
    if (*fd > 2)
        (void)sys_close(*fd);
    *fd = -1;
}

/* Creates a pipe for the child's fd `number`, if wanted is CHILD_PIPE. *theirs
 * is the child's end, which child_spawn closes after it has started the child.
 * *ours is our end. Without a pipe, both are -1. */
static int make_pipe(int wanted, int number, int *theirs, int *ours)
{
    int fds[2], rc;

    *theirs = *ours = -1;
    if (wanted != CHILD_PIPE)
        return 0;
    rc = sys_pipe(fds);
    if (rc < 0)
        return rc;
    *theirs = number == 0 ? fds[0] : fds[1];
    *ours = number == 0 ? fds[1] : fds[0];
    return 0;
}

int child_spawn(struct child *child, const struct child_options *options)
{
    const int wanted[3] = {options->in, options->out, options->err};
    int theirs[3], ours[3], rc = 0;
    struct sys_spawn what = {
        .program = options->argv[0],
        .argv = options->argv,
        .environment = options->environment,
    };

    for (int i = 0; i < 3; i++) {
        int failed = make_pipe(wanted[i], i, &theirs[i], &ours[i]);

        rc = failed < 0 ? failed : rc;
        assert(wanted[i] <= 0 || wanted[i] > 2);
        what.fds[i] = wanted[i] > 0 ? wanted[i] : theirs[i];
    }
    if (rc == 0)
        rc = sys_spawn(&what);
    for (int i = 0; i < 3; i++) {
        close_if_open(&theirs[i]);
        if (rc < 0)
            close_if_open(&ours[i]);
    }
    if (rc < 0)
        return rc;
    *child = (struct child){
        .pid = rc,
        .in = ours[0],
        .out = ours[1],
        .err = ours[2],
        .by_pidfd = options->by_pidfd,
    };
    return 0;
}

int child_await_exit(struct child *child)
{
    siginfo_t info = {0};
    int rc = -EINVAL, fd;

    assert(child->pid > 0);
    if (!child->by_pidfd)
        rc = await_waitid(P_PID, (id_t)child->pid, &info, WEXITED);
    if (rc == -EINVAL) {
        /* Either by_pidfd is set, or the kernel is older than 6.7 and does not
         * have the opcode. A pidfd is readable once the process has ended. Then
         * sys_reap gets the exit status. */
        fd = sys_pidfd(child->pid);
        if (fd < 0)
            return fd == -ESRCH ? -ECHILD : fd; /* the child was reaped */
        rc = await_poll(fd, POLLIN);
        (void)sys_close(fd);
        if (rc >= 0)
            rc = sys_reap(child->pid, &info);
        if (rc == 0)
            rc = -EAGAIN; /* unexpected, because the pidfd is readable */
    }
    if (rc < 0)
        return rc;
    child->pid = 0;
    return info.si_code == CLD_EXITED ? info.si_status
                                      : CHILD_KILLED + info.si_status;
}

int child_kill(const struct child *child, int signal_number)
{
    assert(child->pid > 0); /* a reaped child's pid may be reused */
    return sys_kill(child->pid, signal_number);
}

void child_finish(struct child *child)
{
    assert(child->pid == 0);
    close_if_open(&child->in);
    close_if_open(&child->out);
    close_if_open(&child->err);
}
