/* sys_process.h: the door to the system for processes and hints.
 * Introduced in phase 4. Needs: nothing.
 *
 * The rules are those of sys.h: each call returns >= 0 or -errno, and none
 * suspends a task. */
#ifndef ONE_RING_SYS_PROCESS_H
#define ONE_RING_SYS_PROCESS_H

#include <signal.h>

/* Makes an eventfd that a host loop watches. The caller closes it.
 *
 * Returns  >= 0  the fd, close-on-exec and non-blocking
 *          -EMFILE, -ENFILE, -ENOMEM  no fd could be made */
int sys_hint_fd(void);

/* Clears the eventfd. Never waits.
 *
 * Returns  0       success, also if there was nothing to read
 *          -errno  fd is not from sys_hint_fd */
int sys_hint_take(int fd);

/* Makes a pipe, close-on-exec: read from fds[0], write to fds[1]. The caller
 * closes both. Neither is one of the fds 0 to 2, so a child can have it as any
 * of these.
 *
 * Returns  0  success
 *          -EMFILE, -ENFILE, -ENOMEM  no pipe could be made */
int sys_pipe(int fds[2]);

struct sys_spawn {
    const char *program; /* borrowed, as all pointers here; a name without a
                            slash is looked up in PATH */
    char *const *argv;   /* from argv[0] on, NULL at the end */
    char *const *environment; /* NULL: that of this process */
    int fds[3]; /* its stdin, stdout, stderr; -1: as in this process */
};

/* Starts a program, with no signal blocked and none ignored. The address space
 * is not copied, so the size of this process does not matter.
 *
 * Returns  > 0               the process id
 *          -EAGAIN, -ENOMEM  the system cannot make another process
 *          other -errno      from execve(2), for example -ENOENT, -EACCES */
int sys_spawn(const struct sys_spawn *what);

/* Sends a signal to a child that has not been reaped: until then its id cannot
 * name another process.
 *
 * Returns  0        success
 *          -EINVAL  signal_number is not a signal
 *          -EPERM   the child runs as another user */
int sys_kill(int pid, int signal_number);

/* Makes an fd that polls readable once the child has ended. The caller closes
 * it.
 *
 * Returns  >= 0    the fd
 *          -ESRCH  there is no such process
 *          -EMFILE, -ENFILE, -ENOMEM  no fd could be made */
int sys_pidfd(int pid);

/* Reaps a child if it has ended. Never waits.
 *
 * Returns  1        it has ended, and *info has its status
 *          0        it still runs
 *          -ECHILD  pid is not a child of this process, or was reaped */
int sys_reap(int pid, siginfo_t *info);

#endif
