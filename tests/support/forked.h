/* forked.h: runs code that must kill its process in a child process.
 *
 * Test support. Needs: tools.h.
 *
 * Assertions and guard pages are part of an interface, so tests check that they
 * stop the program. */
#ifndef TESTS_FORKED_H
#define TESTS_FORKED_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools.h"

/* Runs fn in a child, and drops its messages on stderr. Returns the child's
 * wait status, which is 0 if fn returned. */
static inline int forked_run(void (*fn)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(0);
        fn();
        _exit(0);
    }
    while (pid > 0 && waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return 0;
    return status;
}

/* Returns true if an assertion stops fn. */
static inline bool forked_aborts(void (*fn)(void))
{
    int status = forked_run(fn);

    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

/* Returns true if fn accesses memory that it must not access. The kernel stops
 * it with a signal, or a sanitizer with an exit code. */
static inline bool forked_faults(void (*fn)(void))
{
    int status = forked_run(fn);

#if defined(TOOLS_ASAN) || defined(TOOLS_TSAN)
    return status != 0;
#else
    return WIFSIGNALED(status) &&
           (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
#endif
}

#endif
