/* diagnose.c: finds out why io_uring is refused; see diagnose.h.
 * Introduced in phase 0. Needs: diagnose.h, causes.h, facts.h.
 *
 * What it teaches: a pure function can be tested with facts that no test
 * machine has. The checks are in the order in which the kernel makes them:
 * filter, system call table, rules of the kernel, limits of the process. */
#include "diagnose.h"

#include <errno.h>
#include <stddef.h>

/* SECCOMP_MODE_FILTER: this process has a filter. */
#define MODE_FILTER 2

/* Finds the cause if io_uring_enter with descriptor -1 did not return EBADF. A
 * kernel with io_uring returns EBADF, because the sysctl and the limits apply
 * only to io_uring_setup. ENOSYS comes from a filter, or from a kernel without
 * io_uring. Any other errno comes from a filter. */
static enum cause_id before_the_kernel(const struct facts *facts)
{
    if (facts->answers.enter == -EPERM)
        return CAUSE_SECCOMP_EPERM;
    if (facts->answers.enter != -ENOSYS)
        return CAUSE_SECCOMP_OTHER;
    if (facts->is_gvisor)
        return CAUSE_GVISOR;
    if (facts->wsl == 1)
        return CAUSE_WSL_1;
    if (facts->kernel == FACTS_KERNEL_WITH)
        return CAUSE_SECCOMP_ENOSYS;
    if (facts->kernel == FACTS_KERNEL_UNKNOWN && facts->seccomp == MODE_FILTER)
        return CAUSE_ENOSYS_UNKNOWN;
    return facts->wsl == 2 ? CAUSE_NO_URING_WSL : CAUSE_NO_URING;
}

/* Returns true if the sysctl forbids this process to use io_uring. */
static bool is_disabled(const struct facts *facts)
{
    return facts->disabled == 2 ||
           (facts->disabled == 1 && !facts->is_admitted);
}

/* Finds the cause if io_uring_setup was refused and io_uring_enter was not. */
static enum cause_id by_setup(const struct facts *facts)
{
    switch (-facts->setup_result) {
    case EPERM:
        /* Check the sysctl first. If it forbids io_uring, it is the cause: a
         * filter that blocks only io_uring_setup is rare. */
        if (is_disabled(facts))
            return facts->disabled == 2 ? CAUSE_DISABLED_FOR_ALL
                                        : CAUSE_DISABLED_FOR_USERS;
        return facts->seccomp == MODE_FILTER ? CAUSE_SECCOMP_SETUP
                                             : CAUSE_SECURITY_MODULE;
    case EACCES:
        return CAUSE_SECURITY_MODULE;
    case ENOSYS:
        return CAUSE_SECCOMP_SETUP;
    case ENOMEM:
        return facts->is_charged && facts->memlock != FACTS_UNLIMITED
                   ? CAUSE_MEMLOCK
                   : CAUSE_MEMORY;
    case EMFILE:
        return CAUSE_NO_DESCRIPTOR;
    case ENFILE:
        return CAUSE_NO_FILE;
    default:
        return CAUSE_UNKNOWN;
    }
}

const struct cause *diagnose(const struct facts *facts)
{
    if (facts->is_killed)
        return cause_of(CAUSE_SECCOMP_KILL);
    if (facts->answers.enter != -EBADF)
        return cause_of(before_the_kernel(facts));
    if (facts->setup_result < 0)
        return cause_of(by_setup(facts));
    /* -EINVAL comes from a kernel before 5.6, which cannot list its opcodes. */
    if (facts->ops_result < 0 && facts->ops_result != -EINVAL)
        return cause_of(CAUSE_SECCOMP_REGISTER);
    return NULL;
}

const struct cause *diagnose_next(const struct facts *facts)
{
    const struct cause *first = diagnose(facts);
    struct facts lifted = *facts;

    /* Only a filter can hide a second cause. All causes that are filters have
     * the cures of CAUSE_SECCOMP_EPERM, and no other cause has these cures. */
    if (first == NULL ||
        first->cures != cause_of(CAUSE_SECCOMP_EPERM)->cures)
        return NULL;
    lifted.is_killed = false;
    lifted.seccomp = 0;
    lifted.answers.enter = -EBADF;
    lifted.setup_result = is_disabled(facts) ? -EPERM : 0;
    lifted.ops_result = 0;
    return diagnose(&lifted);
}

bool diagnose_is_fatal(const struct facts *facts)
{
    const struct cause *cause = diagnose(facts);

    return cause != NULL && cause != cause_of(CAUSE_SECCOMP_REGISTER);
}
