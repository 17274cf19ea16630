/* who_refuses.c: the checker of phase 0's exercise who_refuses.
 *
 * Each case installs a seccomp filter, as container runtimes do. A filter that
 * refuses set-up alone stands for the sysctl and the security modules, which do
 * the same and which a test cannot change. */
#include "who_refuses.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "deny.h"
#include "judge.h"
#include "ring_watch.h"

static const char *const names[] = {"RING_WORKS", "REFUSED_BY_FILTER",
                                    "REFUSED_BY_KERNEL", "NO_SUCH_CALL"};

static void ask(const char *machine, const struct deny *deny,
                enum refusal expected, const char *mistake)
{
    int before = dup(0), after, rc = deny_install(deny);
    unsigned came;

    if (rc < 0)
        judge_cannot("a seccomp filter", rc);
    close(before); /* the lowest number that is free */
    judge_run("who_refuses() %s", machine);
    judge_expect("%s", names[expected]);
    came = who_refuses();
    if (came != expected)
        judge_fail(mistake, "%s", came < 4 ? names[came] : "another number");
    after = dup(0);
    judge_expect("no open ring");
    judge_that(after == before, "the ring was not closed: it is a descriptor",
               "a descriptor that is still open");
}

static void check_works(void)
{
    struct io_uring ring;

    watch_make_ring(&ring, 1, 0); /* or the case cannot be run */
    ask("on this machine", &(struct deny){0}, RING_WORKS,
        "no call is refused here: zeroed params make a ring");
}

static void check_docker(void)
{
    ask("in Docker: a filter returns EPERM for every call",
        &(struct deny){EPERM, EPERM, EPERM, 0}, REFUSED_BY_FILTER,
        "the kernel never returns EPERM for io_uring_enter(-1): EPERM there is "
        "a filter's");
}

static void check_eacces(void)
{
    ask("under a filter that returns EACCES",
        &(struct deny){EACCES, EACCES, EACCES, 0}, REFUSED_BY_FILTER,
        "a filter may return any errno: look for EBADF, not for EPERM");
}

static void check_sysctl(void)
{
    ask("where the kernel refuses set-up (EPERM), and nothing else",
        &(struct deny){.setup = EPERM}, REFUSED_BY_KERNEL,
        "EPERM from set-up does not say who refuses: io_uring_enter(-1) gets "
        "EBADF here, so no filter does");
}

static void check_podman(void)
{
    ask("in Podman: a filter returns ENOSYS for every call",
        &(struct deny){ENOSYS, ENOSYS, ENOSYS, 0}, NO_SUCH_CALL,
        "ENOSYS is the answer of a kernel without the call");
}

static void check_enter_alone(void)
{
    ask("under a filter that refuses io_uring_enter alone",
        &(struct deny){.enter = EPERM}, REFUSED_BY_FILTER,
        "a ring that cannot be entered is of no use: also ask io_uring_enter");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"a machine that works is recognised", check_works},
        {"a filter as Docker's is recognised", check_docker},
        {"a filter with another errno is recognised", check_eacces},
        {"a refusal by the kernel is recognised", check_sysctl},
        {"a filter as Podman's looks like an old kernel", check_podman},
        {"a filter that refuses only enter is recognised", check_enter_alone},
    };

    return judge_main("who_refuses", cases, sizeof cases / sizeof *cases);
}
