/* child.h: other programs: start one, talk to it, get its exit status.
 * Introduced in phase 4. Needs: nothing.
 *
 *     child_spawn --> [ runs ] --> child_await_exit
 *        in  <- we write       its stdin
 *        out -> we read        its stdout
 *        err -> we read        its stderr
 *
 * The pipes are files like others: await_write, await_read, AWAIT_STREAM. How
 * it ended is a ring operation, too: waitid(2) since Linux 6.7; before that, a
 * poll of an fd that stands for the process.
 *
 * Rules
 *  - The caller owns struct child and the fds in it. Do close `in` when all is
 *    written, or a child that reads to the end waits for ever.
 *  - Do read `out` and `err` at the same time, in two tasks, or send one of
 *    them elsewhere: a child stops when a pipe is full that nobody reads.
 *  - Do await every child: until then the kernel keeps its exit status, and its
 *    process id names no other process. */
#ifndef ONE_RING_CHILD_H
#define ONE_RING_CHILD_H

#include <stdbool.h>

/* What a child gets as one of its three standard fds. Besides these: an fd of
 * ours above 2, which stays ours. */
enum child_fd {
    CHILD_INHERIT = 0, /* what this process has there */
    CHILD_PIPE = -1,   /* a pipe, the other end of which is ours */
};

struct child_options {
    char *const *argv;        /* borrowed; argv[0] is looked up in PATH */
    char *const *environment; /* borrowed; NULL: that of this process */
    int in, out, err;         /* an enum child_fd, or an fd above 2 */
    bool by_pidfd;            /* polls, also where the ring could waitid */
};

struct child {
    int pid;          /* 0: there is none, or it was awaited */
    int in, out, err; /* owned: our ends of the pipes; -1 where there is none */
    bool by_pidfd;
};

/* Starts a program. Does not suspend; takes a fraction of a millisecond, in
 * which no task runs. The child has no signal blocked or ignored.
 *
 * Returns 0; or -errno, and nothing is left: -ENOENT and -EACCES speak of
 * argv[0], -EMFILE and -ENFILE of the pipes, -EAGAIN and -ENOMEM of
 * processes. */
int child_spawn(struct child *child, const struct child_options *options);

/* Suspends until the child has ended, and reaps it.
 *
 * Returns its exit code, 0 to 255; or CHILD_KILLED plus the number of the
 * signal that ended it; or -ECANCELED or -ETIME: then it still runs, and may be
 * awaited again; or -ECHILD if this process ignores SIGCHLD or reaped it
 * elsewhere. */
int child_await_exit(struct child *child);

#define CHILD_KILLED 256

/* Sends a signal to a child that was not awaited yet. Returns 0 or -errno. */
int child_kill(const struct child *child, int signal_number);

/* Closes our ends of the pipes that are still open. The child must have been
 * awaited. Accepts a zeroed child. */
void child_finish(struct child *child);

#endif
