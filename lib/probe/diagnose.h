/* diagnose.h: finds the cause of a refusal from facts.
 * Introduced in phase 0. Needs: causes.h, facts.h.
 *
 * Four parts of a system can answer EPERM to io_uring_setup, four can answer
 * ENOSYS, and perror prints the same text for all of them. The errno does not
 * tell them apart, but its origin does: a kernel looks at the arguments of the
 * call, and a filter refuses before that.
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

/* Returns the cause of the refusal, from the facts alone: a pure function. NULL
 * if nothing refuses. CAUSE_SECCOMP_REGISTER leaves a ring usable: see
 * diagnose_is_fatal. Static storage. */
const struct cause *diagnose(const struct facts *facts);

/* Returns the cause that remains after the first is lifted: the sysctl of the
 * host may refuse behind a container's filter. NULL if the facts show none.
 * Static storage. */
const struct cause *diagnose_next(const struct facts *facts);

/* Returns true if this process cannot make a ring at all. */
bool diagnose_is_fatal(const struct facts *facts);

#endif
