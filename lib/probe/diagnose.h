/* diagnose.h: finds out from facts why io_uring is refused.
 * Introduced in phase 0. Needs: causes.h, facts.h.
 *
 * io_uring_setup can fail with EPERM for four reasons, and with ENOSYS for four
 * others. The errno does not show the reason, but a call with bad arguments
 * helps: the kernel complains about the arguments, and a filter refuses the
 * call before the kernel sees them.
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
 * depends only on the facts. CAUSE_SECCOMP_REGISTER leaves a ring usable: see
 * diagnose_is_fatal. Static storage. */
const struct cause *diagnose(const struct facts *facts);

/* Returns the cause that would remain if the first were removed, or NULL if the
 * facts show none. For example, the host's sysctl may refuse io_uring behind a
 * container's filter. Static storage. */
const struct cause *diagnose_next(const struct facts *facts);

/* Returns true if this process cannot make a ring at all. */
bool diagnose_is_fatal(const struct facts *facts);

#endif
