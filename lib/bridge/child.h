/* child.h: other programs: start one, talk to it, get its exit status.
 * Introduced in phase 4. Needs: nothing.
 *
 *     child_spawn --> [ runs ] --> child_await_exit
 *        in  <- we write       its stdin
 *        out -> we read        its stdout
 *        err -> we read        its stderr
 *
 * The pipes are ordinary files: await_write, await_read, AWAIT_STREAM. The exit
 * status is a ring operation, too: waitid(2) since Linux 6.7; before that, a
 * poll of an fd that refers to the process (pidfd_open(2)).
 *
 * Rules
 *  - The caller owns struct child and the fds in it. Close `in` when all is
 *    written, or a child that reads to the end waits for ever.
 *  - Read `out` and `err` at the same time, in two tasks, or send one of them
 *    elsewhere: a child blocks when it writes to a full pipe.
 *  - Await every child. Until then the kernel keeps its exit status, and its
 *    process id does not name another process. */
#ifndef ONE_RING_CHILD_H
#define ONE_RING_CHILD_H

#include <stdbool.h>

/* The source of one of a child's three standard fds. The third choice is an fd
 * of ours above 2, which remains ours. */
enum child_fd {
    CHILD_INHERIT = 0, /* the same fd of this process */
    CHILD_PIPE = -1,   /* a pipe; the caller has its other end */
};

struct child_options {
    char *const *argv;        /* borrowed; argv[0] is looked up in PATH */
    char *const *environment; /* borrowed; NULL: that of this process */
    int in, out, err;         /* an enum child_fd, or an fd above 2 */
    bool by_pidfd;            /* polls, even if the ring has waitid */
};

struct child {
    int pid;          /* 0: there is none, or it was awaited */
    int in, out, err; /* owned: our ends of the pipes; -1: no pipe */
    bool by_pidfd;
};

/* Starts a program. Does not suspend; takes a fraction of a millisecond, in
 * which no task runs. The child has no signal blocked or ignored. On failure
 * every pipe is closed.
 *
 * Returns  0                 success: child_await_exit must follow
 *          -ENOENT, -EACCES  argv[0] cannot be run
 *          -EMFILE, -ENFILE  no fd is free for a pipe
 *          -EAGAIN, -ENOMEM  the system cannot make another process
 *          other -errno      from execve(2) */
int child_spawn(struct child *child, const struct child_options *options);

/* Suspends until the child has ended, and reaps it.
 *
 * Returns  0 to 255          its exit code
 *          CHILD_KILLED + n  signal n ended it
 *          -ECANCELED, -ETIME  interrupted: it runs on, await it again
 *          -ECHILD           this process ignores SIGCHLD, or has reaped it
 *          -ESRCH            the same, found by its pidfd
 *          -EMFILE, -ENFILE, -ENOMEM  no pidfd could be made: await it again
 *          -EAGAIN           its pidfd is readable, but it has not ended */
int child_await_exit(struct child *child);

#define CHILD_KILLED 256

/* Sends a signal to a child that has not been awaited. Does not suspend.
 *
 * Returns  0        success, also if the child has ended
 *          -EINVAL  signal_number is not a signal
 *          -EPERM   the child runs as another user */
int child_kill(const struct child *child, int signal_number);

/* Closes our ends of the pipes that are still open. The child must have been
 * awaited. Accepts a zeroed child. */
void child_finish(struct child *child);

#endif
