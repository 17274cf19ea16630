/* deny.h: refuses io_uring's system calls, as containers do.
 *
 * Test support. Needs: nothing.
 *
 * A seccomp filter applies to this thread and to every thread and process that
 * it starts. It cannot be removed. Check runs each test in a new process, so a
 * filter ends with its test. */
#ifndef TESTS_DENY_H
#define TESTS_DENY_H

/* Use it instead of an errno: SIGSYS kills the caller. */
#define DENY_KILL (-1)

/* The filter's answer to each of the calls: an errno, DENY_KILL, or 0 to
 * allow the call. */
struct deny {
    int setup;
    int enter;
    int reg;
    int landlock; /* all calls of Landlock */
};

/* Installs the filter. Returns 0, or -errno: -EINVAL on a kernel that was
 * built without CONFIG_SECCOMP_FILTER. */
int deny_install(const struct deny *deny);

#endif
