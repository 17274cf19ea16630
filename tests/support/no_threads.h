/* no_threads.h: a process that may create no thread, so that io-wq has no
 * worker.
 *
 * Test support. Needs: suite.h. Include it in one file of a program. */
#ifndef TESTS_NO_THREADS_H
#define TESTS_NO_THREADS_H

#include <grp.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "suite.h"

/* LeakSanitizer asks for this at the end. It needs a thread to look for leaks,
 * and these tests may create none. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}

/* A user that no other test has: what it locks in memory counts against the
 * limit of this test. */
static inline unsigned another_id(void)
{
    return 20000 + (unsigned)getpid() % 30000;
}

/* From now on this process may create no thread. The kernel never refuses root
 * a thread, so a process of root becomes another user first. */
static inline void forbid_threads(void)
{
    const struct rlimit none = {0, 0};
    const gid_t id = another_id();

    if (geteuid() == 0)
        check(setgroups(1, &id) == 0 && setresgid(id, id, id) == 0 &&
              setresuid(id, id, id) == 0);
    check_res(setrlimit(RLIMIT_NPROC, &none), 0);
}

static inline void *nothing(void *arg)
{
    return arg;
}

/* NULL, or why threads cannot be forbidden here. */
static inline const char *why_threads_are_allowed(void)
{
    pthread_t thread;
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        const struct rlimit none = {0, 0};
        const uid_t id = another_id();

        if (geteuid() == 0 && setresuid(id, id, id) != 0)
            _exit(1);
        (void)setrlimit(RLIMIT_NPROC, &none);
        _exit(pthread_create(&thread, NULL, nothing, NULL) == 0);
    }
    children_wait(child, &status, 0);
    return status == 0 ? NULL : "threads cannot be forbidden here";
}

#endif
