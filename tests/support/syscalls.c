/* syscalls.c: makes system calls that tests need and that no command makes.
 *
 *     syscalls non-blocking 0 cat FILE     COMMAND's fd 0 is non-blocking
 *     syscalls direct FILE cat SOURCE      its stdout is FILE, with O_DIRECT
 *     syscalls to-socket cat FILE          its stdout is a socket with a small
 *                                          buffer, copied to our stdout
 *     syscalls socket cat                  its stdin is a socket, to which our
 *                                          stdin is copied
 *     syscalls has-cachestat               0 if the kernel has cachestat(2)
 *     syscalls default-acl DIRECTORY       gives it a default ACL: rwxrwxr-x,
 *                                          and rwx for user 1234
 *     syscalls leased FILE COMMAND         holds a lease on FILE, as Samba
 *                                          does, until a process opens it
 *     syscalls cut-power DIRECTORY         stops the ext4 that has DIRECTORY;
 *                                          data not yet on disk is lost
 *     syscalls set-xattr FILE NAME VALUE   sets an extended attribute
 *     syscalls get-xattr FILE NAME         prints its value
 *
 * Test support. Needs: nothing.
 *
 * Exits with COMMAND's exit code, with 125 if COMMAND did not open the leased
 * file, with 126 if the preparation failed, with 127 if COMMAND cannot be run,
 * or with 2 for wrong usage. */
#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NR_CACHESTAT 451 /* on every architecture */

/* ioctl numbers of ext4 that the kernel's user-space headers do not have. */
#define SHUTDOWN _IOR('X', 125, unsigned)
#define SHUTDOWN_NO_LOG_FLUSH 2u

static int fail(const char *what)
{
    fprintf(stderr, "syscalls: %s: %s\n", what, strerror(errno));
    return 126;
}

static int execute(char **command)
{
    execvp(command[0], command);
    fail(command[0]);
    return 127;
}

static int run_non_blocking(int fd, char **command)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return fail("O_NONBLOCK");
    return execute(command);
}

static int run_direct(const char *file, char **command)
{
    int fd = open(file, O_WRONLY | O_DIRECT | O_CLOEXEC);

    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
        return fail(file);
    return execute(command);
}

/* Copies our stdin to the socket, until our stdin or the other side ends. */
static void relay(int to)
{
    char bytes[1024];
    ssize_t len;

    while ((len = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
        if (send(to, bytes, (size_t)len, MSG_NOSIGNAL) != len)
            break;
    close(to);
}

static int run_with_socket(char **command)
{
    int ends[2], status;
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return fail("socketpair");
    child = fork();
    if (child < 0)
        return fail("fork");
    if (child == 0) {
        dup2(ends[1], STDIN_FILENO);
        return execute(command);
    }
    close(ends[1]);
    close(STDOUT_FILENO); /* so that it ends when the command ends */
    relay(ends[0]);
    if (waitpid(child, &status, 0) != child)
        return fail("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Copies the command's output to our stdout, in small parts, so that the
 * command writes to a socket that is nearly full. */
static int run_to_socket(char **command)
{
    int ends[2], status, room = 4096;
    static char bytes[3000];
    ssize_t len;
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
        setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room) < 0)
        return fail("socketpair");
    child = fork();
    if (child < 0)
        return fail("fork");
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        return execute(command);
    }
    close(ends[1]);
    while ((len = read(ends[0], bytes, sizeof bytes)) > 0)
        if (write(STDOUT_FILENO, bytes, (size_t)len) != len)
            break;
    close(ends[0]);
    if (waitpid(child, &status, 0) != child)
        return fail("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool has_cachestat(void)
{
    return syscall(NR_CACHESTAT, -1, NULL, NULL, 0) < 0 && errno == EBADF;
}

static int set_default_acl(const char *directory)
{
    const struct {
        struct posix_acl_xattr_header header;
        struct posix_acl_xattr_entry entries[5];
    } acl = {
        .header = {POSIX_ACL_XATTR_VERSION},
        .entries = {
            {ACL_USER_OBJ, 7, (unsigned)ACL_UNDEFINED_ID},
            {ACL_USER, 7, 1234},
            {ACL_GROUP_OBJ, 5, (unsigned)ACL_UNDEFINED_ID},
            {ACL_MASK, 7, (unsigned)ACL_UNDEFINED_ID},
            {ACL_OTHER, 5, (unsigned)ACL_UNDEFINED_ID},
        },
    };

    if (setxattr(directory, "system.posix_acl_default", &acl, sizeof acl, 0) <
        0)
        return fail(directory);
    return 0;
}

/* When another process opens the leased file, the kernel sends SIGIO, and makes
 * that process wait until this one releases the lease. */
static int run_with_lease(const char *file, char **command)
{
    int fd = open(file, O_RDWR | O_CLOEXEC), number, status;
    bool was_opened = false;
    sigset_t awaited;
    pid_t child;

    sigemptyset(&awaited);
    sigaddset(&awaited, SIGIO);
    sigaddset(&awaited, SIGCHLD);
    sigprocmask(SIG_BLOCK, &awaited, NULL);
    if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK) < 0)
        return fail("lease");
    child = fork();
    if (child < 0)
        return fail("fork");
    if (child == 0) {
        sigprocmask(SIG_UNBLOCK, &awaited, NULL);
        return execute(command);
    }
    while (sigwait(&awaited, &number) == 0 && number == SIGIO) {
        was_opened = true;
        (void)fcntl(fd, F_SETLEASE, F_UNLCK);
    }
    if (waitpid(child, &status, 0) != child)
        return fail("waitpid");
    if (!was_opened)
        return 125;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int cut_power(const char *directory)
{
    unsigned how = SHUTDOWN_NO_LOG_FLUSH;
    int fd = open(directory, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || ioctl(fd, SHUTDOWN, &how) < 0)
        return fail(directory);
    return 0;
}

static int set_attribute(const char *file, const char *name, const char *value)
{
    return setxattr(file, name, value, strlen(value), 0) < 0 ? fail(file) : 0;
}

static int get_attribute(const char *file, const char *name)
{
    static char value[65536];
    ssize_t len = getxattr(file, name, value, sizeof value);

    if (len < 0)
        return fail(file);
    fwrite(value, 1, (size_t)len, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (argc > 3 && strcmp(what, "non-blocking") == 0)
        return run_non_blocking(atoi(argv[2]), argv + 3);
    if (argc > 3 && strcmp(what, "direct") == 0)
        return run_direct(argv[2], argv + 3);
    if (argc > 2 && strcmp(what, "socket") == 0)
        return run_with_socket(argv + 2);
    if (argc > 2 && strcmp(what, "to-socket") == 0)
        return run_to_socket(argv + 2);
    if (argc == 2 && strcmp(what, "has-cachestat") == 0)
        return has_cachestat() ? 0 : 1;
    if (argc == 3 && strcmp(what, "default-acl") == 0)
        return set_default_acl(argv[2]);
    if (argc > 3 && strcmp(what, "leased") == 0)
        return run_with_lease(argv[2], argv + 3);
    if (argc == 3 && strcmp(what, "cut-power") == 0)
        return cut_power(argv[2]);
    if (argc == 5 && strcmp(what, "set-xattr") == 0)
        return set_attribute(argv[2], argv[3], argv[4]);
    if (argc == 4 && strcmp(what, "get-xattr") == 0)
        return get_attribute(argv[2], argv[3]);
    fputs("usage: see the head of tests/support/syscalls.c\n", stderr);
    return 2;
}
