/* sys_process.c: system calls for processes and eventfds; see sys_process.h.
 * Introduced in phase 4. Needs: sys_process.h, sys.h.
 *
 * What it teaches: how to start a program from a process that has threads and
 * rings. fork would copy all page tables, and the child would inherit locks
 * that no thread of the child would release. posix_spawn shares the address
 * space until the exec. Before the exec, the child performs only the actions in
 * the arguments of posix_spawn. */
#include "sys_process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys.h"

#ifndef SYS_pidfd_open /* Linux 5.3; the same number on every architecture */
#define SYS_pidfd_open 434
#endif

static int result_of(long returned)
{
    return returned == -1 ? -errno : (int)returned;
}

int sys_hint_fd(void)
{
    return result_of(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

int sys_hint_take(int fd)
{
    uint64_t count; /* not used: may be 1 after any number of signals */

    if (read(fd, &count, sizeof count) == sizeof count || errno == EAGAIN)
        return 0;
    return -errno;
}

/* If fd is at most 2, moves it to a number above 2. Returns the fd. On failure,
 * closes fd and returns -errno. */
static int above_standard(int fd)
{
    int moved;

    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    moved = result_of(fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    (void)sys_close(fd);
    return moved;
}

int sys_pipe(int fds[2])
{
    int rc = result_of(pipe2(fds, O_CLOEXEC));

    if (rc < 0)
        return rc;
    fds[0] = above_standard(fds[0]);
    fds[1] = above_standard(fds[1]);
    if (fds[0] >= 0 && fds[1] >= 0)
        return 0;
    rc = fds[0] < 0 ? fds[0] : fds[1];
    if (fds[0] >= 0)
        (void)sys_close(fds[0]);
    if (fds[1] >= 0)
        (void)sys_close(fds[1]);
    return rc;
}

/* Unblocks all signals in the child, and sets their default actions. Otherwise
 * the child would also block or ignore the signals that this process blocks or
 * ignores. Then SIGTERM or SIGPIPE might not end the child. */
static int reset_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0)
        error = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return error;
}

static int spawn(const struct sys_spawn *what,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes)
{
    char *const *environment =
        what->environment != NULL ? what->environment : environ;
    pid_t pid = 0;
    int error = posix_spawnp(&pid, what->program, actions, attributes,
                             what->argv, environment);

    return error != 0 ? -error : (int)pid;
}

int sys_spawn(const struct sys_spawn *what)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions), result;

    if (error != 0)
        return -error;
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return -error;
    }
    for (int i = 0; i < 3 && error == 0; i++)
        if (what->fds[i] >= 0)
            error = posix_spawn_file_actions_adddup2(&actions, what->fds[i], i);
    if (error == 0)
        error = reset_signals(&attributes);
    result = error != 0 ? -error : spawn(what, &actions, &attributes);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return result;
}

int sys_kill(int pid, int signal_number)
{
    assert(pid > 0); /* kill(2) sends to a group if pid <= 0 */
    return result_of(kill(pid, signal_number));
}

int sys_pidfd(int pid)
{
    return result_of(syscall(SYS_pidfd_open, pid, 0));
}

int sys_reap(int pid, siginfo_t *info)
{
    int rc;

    info->si_pid = 0; /* stays 0 while the child runs */
    rc = result_of(waitid(P_PID, (id_t)pid, info, WEXITED | WNOHANG));
    return rc < 0 ? rc : info->si_pid != 0;
}
