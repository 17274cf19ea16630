/* forked.h: runs in a child process what must kill a process.
 *
 * Test support. Needs: tools.h.
 *
 * An assertion that stops the program is part of an interface, and so is a
 * guard page. */
#ifndef TESTS_FORKED_H
#define TESTS_FORKED_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools.h"

/* Runs fn in a child, whose last words nobody reads. Returns its wait status;
 * 0 if fn returned. */
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

/* True if an assertion stops fn. */
static inline bool forked_aborts(void (*fn)(void))
{
    int status = forked_run(fn);

    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

/* True if fn touches memory that it must not: the kernel stops it, or a
 * sanitizer with a report and an exit code. */
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
