/* diagnose.h: from facts to what refused io_uring.
 * Introduced in phase 0. Needs: causes.h, facts.h.
 *
 * Four parties answer EPERM to io_uring_setup, four answer ENOSYS, and perror
 * prints the same words for all of them. What tells them apart is not the errno
 * but where it comes from: a kernel gets as far as looking at the arguments, a
 * filter refuses before that.
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

/* Says who refuses, from the facts alone: a pure function. NULL when nobody
 * does. One answer concerns io_uring_register only: see diagnose_is_fatal. */
const struct cause *diagnose(const struct facts *facts);

/* Who would refuse next, once that is lifted: behind a container's filter the
 * host's sysctl may say no as well. NULL when nothing says so. */
const struct cause *diagnose_next(const struct facts *facts);

/* Whether no ring can be had at all. */
bool diagnose_is_fatal(const struct facts *facts);

#endif
