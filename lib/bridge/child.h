/* child.h: starts other programs and gets their exit status.
 * Introduced in phase 4. Needs: nothing.
 *
 *     child_spawn --> [ runs ] --> child_await_exit
 *        in  <- we write       its stdin
 *        out -> we read        its stdout
 *        err -> we read        its stderr
 *
 * Use the pipes like files, with await_write, await_read and AWAIT_STREAM.
 * Waiting for the exit is a ring operation, too: waitid(2) since Linux 6.7. On
 * an older kernel, it is a poll of an fd that refers to the process
 * (pidfd_open(2)).
 *
 * Rules
 *  - The caller owns struct child and the fds in it. Close `in` after the last
 *    write; otherwise a child that reads until EOF waits forever.
 *  - Read `out` and `err` at the same time, in two tasks, or redirect one of
 *    them: a child blocks when it writes to a full pipe.
 *  - Call child_await_exit for every child. Until then, the kernel keeps the
 *    exit status and does not reuse the process id. */
#ifndef ONE_RING_CHILD_H
#define ONE_RING_CHILD_H

#include <stdbool.h>

/* Selects the file that the child's stdin, stdout or stderr refers to. Instead
 * of one of these values, an fd above 2 is allowed: the child gets a duplicate
 * of it, and the caller keeps the fd. */
enum child_fd {
    CHILD_INHERIT = 0, /* the same file as in this process */
    CHILD_PIPE = -1,   /* a pipe, whose other end the caller gets */
};

struct child_options {
    char *const *argv;        /* borrowed; argv[0] is looked up in PATH */
    char *const *environment; /* borrowed; NULL: this process's environment */
    int in, out, err;         /* an enum child_fd, or an fd above 2 */
    bool by_pidfd;            /* poll a pidfd even if waitid works */
};

struct child {
    int pid;          /* 0: no child, or already awaited */
    int in, out, err; /* owned: our ends of the pipes; -1: no pipe */
    bool by_pidfd;
};

/* Starts a program. Does not suspend, but blocks the thread for a fraction of a
 * millisecond. In the child, all signals are unblocked and have their default
 * actions. On failure, all pipes are closed.
 *
 * Returns  0                 success; call child_await_exit later
 *          -ENOENT, -EACCES  argv[0] cannot be run
 *          -EMFILE, -ENFILE  no fd is free for a pipe
 *          -EAGAIN, -ENOMEM  the system cannot create another process
 *          other -errno      from execve(2) */
int child_spawn(struct child *child, const struct child_options *options);

/* Suspends until the child has ended, and reaps it.
 *
 * Returns  0 to 255          the child's exit code
 *          CHILD_KILLED + n  signal n killed the child
 *          -ECANCELED, -ETIME  interrupted; the child still runs: call again
 *          -ECHILD           SIGCHLD is ignored, or the child was reaped before
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create a pidfd: call again
 *          -EAGAIN           the pidfd is readable, but the child still runs */
int child_await_exit(struct child *child);

#define CHILD_KILLED 256

/* Sends a signal to a child that has not been awaited. Does not suspend.
 *
 * Returns  0        success, even if the child has ended
 *          -EINVAL  signal_number is not a signal
 *          -EPERM   the child runs as another user */
int child_kill(const struct child *child, int signal_number);

/* Closes our ends of the pipes that are still open. The child must have been
 * awaited. Accepts a zeroed child. */
void child_finish(struct child *child);

#endif
