/* deny.h: refuse io_uring's system calls, as containers do.
 *
 * Test support. Needs: nothing.
 *
 * A seccomp filter, for this thread and all that it starts; it cannot be taken
 * off again. Every test of Check runs in a process of its own, and may deny
 * itself what it likes. */
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
