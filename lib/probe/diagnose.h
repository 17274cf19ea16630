/* diagnose.h: finds the cause of a refused io_uring in facts about the system.
 * Introduced in phase 0. Needs: causes.h, facts.h.
 *
 * io_uring_setup can fail with EPERM for several reasons, and with ENOSYS for
 * several others. To find out whether the kernel or a seccomp filter refuses
 * io_uring, make a call with invalid arguments. The kernel rejects them with
 * the errno for such arguments (EFAULT, EBADF). A filter refuses the call, for
 * example with EPERM, before the kernel checks the arguments.
 *
 *     facts_gather(&facts, false);
 *     cause = diagnose(&facts);
 *     if (cause != NULL)
 *         ... print cause->what, and each of cause->cures ... */
#ifndef ONE_RING_DIAGNOSE_H
#define ONE_RING_DIAGNOSE_H

#include <stdbool.h>

#include "causes.h"
#include "facts.h"

/* Returns the cause of the refusal, or NULL if nothing is refused. The result
 * depends only on the facts. If the cause is CAUSE_SECCOMP_REGISTER, rings
 * still work: see diagnose_is_fatal. The result is static. */
const struct cause *diagnose(const struct facts *facts);

/* Returns the cause that would remain if the user removed the cause that
 * diagnose returns, or NULL if the facts show no second cause. For example, a
 * container's filter may hide that the host's sysctl forbids io_uring, too. The
 * result is static. */
const struct cause *diagnose_next(const struct facts *facts);

/* Returns true if this process cannot make a ring at all. */
bool diagnose_is_fatal(const struct facts *facts);

#endif
