/* sys_process.h: system calls for processes, pipes and eventfds.
 * Introduced in phase 4. Needs: nothing.
 *
 * The rules of sys.h apply: each call returns >= 0 or -errno, and does not
 * suspend a task. */
#ifndef ONE_RING_SYS_PROCESS_H
#define ONE_RING_SYS_PROCESS_H

#include <signal.h>

/* Creates an eventfd for a host loop to watch. The caller closes it.
 *
 * Returns  >= 0  the fd, close-on-exec and non-blocking
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create the eventfd */
int sys_hint_fd(void);

/* Clears the eventfd. Does not wait.
 *
 * Returns  0       success, even if there was nothing to read
 *          -errno  fd is not from sys_hint_fd */
int sys_hint_take(int fd);

/* Creates a close-on-exec pipe: read from fds[0], write to fds[1]. The caller
 * closes both. Both are above 2, so that sys_spawn can duplicate them to any of
 * the fds 0 to 2 of a child.
 *
 * Returns  0  success
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create the pipe */
int sys_pipe(int fds[2]);

struct sys_spawn {
    const char *program; /* borrowed, like all pointers here; a name without a
                            slash is looked up in PATH */
    char *const *argv;   /* including argv[0]; NULL ends it */
    char *const *environment; /* NULL: this process's environment */
    int fds[3]; /* the child's stdin, stdout, stderr; -1: inherited */
};

/* Starts a program in a child process. In the child, all signals are unblocked
 * and have their default actions. The kernel does not copy the address space,
 * so the cost does not depend on the size of this process.
 *
 * Returns  > 0               the process id
 *          -EAGAIN, -ENOMEM  the system cannot create another process
 *          other -errno      from execve(2), for example -ENOENT, -EACCES */
int sys_spawn(const struct sys_spawn *what);

/* Sends a signal to a child that has not been reaped. The pid of a reaped child
 * may belong to another process.
 *
 * Returns  0        success
 *          -EINVAL  signal_number is not a signal
 *          -EPERM   the child runs as another user */
int sys_kill(int pid, int signal_number);

/* Creates an fd that is readable once the child has ended. The caller closes
 * it.
 *
 * Returns  >= 0    the fd
 *          -ESRCH  there is no such process
 *          -EMFILE, -ENFILE, -ENOMEM  cannot create the fd */
int sys_pidfd(int pid);

/* Reaps a child if it has ended. Does not wait.
 *
 * Returns  1        the child has ended, and *info has its status
 *          0        the child is still running
 *          -ECHILD  pid is not a child of this process, or was reaped */
int sys_reap(int pid, siginfo_t *info);

#endif
