/* sys_process.h: the door to the system for processes and hints.
 * Introduced in phase 4. Needs: nothing.
 *
 * A second leaf of the door that sys.h is: the same rules. Each call returns
 * >= 0 or -errno, none suspends a task. */
#ifndef ONE_RING_SYS_PROCESS_H
#define ONE_RING_SYS_PROCESS_H

#include <signal.h>

/* An eventfd that a host loop watches: sys_hint_take reads it and never waits.
 * Returns 0, also when there was nothing to read. */
int sys_hint_fd(void);
int sys_hint_take(int fd);

/* A pipe, close-on-exec: fds[0] is read, fds[1] written. Never one of the fds 0
 * to 2, so that it can become any of them in a child. Returns 0 or -errno. */
int sys_pipe(int fds[2]);

struct sys_spawn {
    const char *program; /* borrowed, as all here: a name without a slash is
                            looked up in PATH */
    char *const *argv;   /* from argv[0] on, NULL at the end */
    char *const *environment; /* NULL: that of this process */
    int fds[3]; /* what becomes stdin, stdout, stderr; -1: as in this process */
};

/* Starts a program, with no signal blocked and none ignored. The address space
 * is never copied, so that what is mapped here costs nothing.
 *
 * Returns its process id; or -errno: -ENOENT and -EACCES from the exec, too. */
int sys_spawn(const struct sys_spawn *what);

/* About a child that has not been reaped, whose id is therefore still its own.
 * sys_kill sends a signal. sys_pidfd gives an fd that polls readable once the
 * child has ended. sys_reap reaps a child that has ended: 1 and *info filled,
 * or 0 if it still runs. */
int sys_kill(int pid, int signal_number);
int sys_pidfd(int pid);
int sys_reap(int pid, siginfo_t *info);

#endif
