/* claims_run.c: runs the check of one claim; see claims_run.h.
 * Introduced in phase 6. Needs: claims_run.h. */
#include "claims_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_S = 10 };

/* Runs the check, and writes what it saw to the pipe. Without io_uring it does
 * not begin, because a check would take the refusal for the kernel's answer. */
static _Noreturn void check(const struct claim *claim, int out)
{
    struct io_uring ring;
    const char *seen;

    alarm(LIMIT_S);
    if (dup2(out, STDOUT_FILENO) < 0)
        _exit(CLAIM_EXIT_ABSENT);
    claim_ring(&ring, 2, 0);
    io_uring_queue_exit(&ring);
    seen = claim->check();
    if (seen != NULL)
        fputs(seen, stdout);
    fflush(stdout);
    _exit(seen != NULL ? CLAIM_EXIT_DIFFERS : CLAIM_EXIT_HOLDS);
}

static enum verdict verdict_of(int status, char seen[CLAIM_SEEN_LEN])
{
    if (WIFSIGNALED(status)) {
        snprintf(seen, CLAIM_SEEN_LEN, "the check was killed by signal %d",
                 WTERMSIG(status));
        return VERDICT_FAILED;
    }
    switch (WEXITSTATUS(status)) {
    case CLAIM_EXIT_HOLDS:
        return VERDICT_HOLDS;
    case CLAIM_EXIT_DIFFERS:
        return VERDICT_DIFFERS;
    case CLAIM_EXIT_ABSENT:
        return VERDICT_ABSENT;
    default:
        snprintf(seen, CLAIM_SEEN_LEN, "the check exited with %d",
                 WEXITSTATUS(status));
        return VERDICT_FAILED;
    }
}

enum verdict claims_run(const struct claim *claim, char seen[CLAIM_SEEN_LEN])
{
    const size_t max = CLAIM_SEEN_LEN - 1;
    int fds[2], status;
    size_t len = 0;
    ssize_t got;
    pid_t pid;

    snprintf(seen, CLAIM_SEEN_LEN, "no process or pipe is free");
    if (pipe(fds) < 0)
        return VERDICT_FAILED;
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        check(claim, fds[1]);
    }
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return VERDICT_FAILED;
    }
    while (len < max && (got = read(fds[0], seen + len, max - len)) > 0)
        len += (size_t)got;
    seen[len] = '\0';
    close(fds[0]);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return VERDICT_FAILED;
    return verdict_of(status, seen);
}
