/* deny.h: refuse io_uring's system calls, as containers do.
 *
 * Test support. Needs: nothing.
 *
 * A seccomp filter holds for this thread and for every thread and process that
 * it starts. It cannot be removed. Check runs each test in a new process, so a
 * test may refuse itself any call. */
#ifndef TESTS_DENY_H
#define TESTS_DENY_H

/* Instead of an errno: the caller is killed by SIGSYS. */
#define DENY_KILL (-1)

/* What each of the three calls is answered: an errno, DENY_KILL, or 0 to let
 * it through to the kernel. */
struct deny {
    int setup;
    int enter;
    int reg;
};

/* Installs the filter. Returns 0, or -errno: -EINVAL on a kernel that was
 * built without CONFIG_SECCOMP_FILTER. */
int deny_install(const struct deny *deny);

#endif
