/* children.h: waits for a child process, whatever signals arrive.
 *
 * Test support. Needs: nothing.
 *
 * Under tests/adverse ticks, a signal interrupts every call that blocks. */
#ifndef TESTS_CHILDREN_H
#define TESTS_CHILDREN_H

#include <errno.h>
#include <sys/types.h>
#include <sys/wait.h>

/* Works like waitpid(2), but does not return -1 with EINTR. */
static inline pid_t children_wait(pid_t pid, int *status, int options)
{
    pid_t rc;

    do
        rc = waitpid(pid, status, options);
    while (rc < 0 && errno == EINTR);
    return rc;
}

#endif
