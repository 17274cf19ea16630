/* trial.h: tests features by using them.
 *
 * The kernel has no list of the flags of operations, the kinds of
 * registrations, and the set-up flags that it supports. So each is used once,
 * where it can do no harm. The errno shows whether the kernel knows it. */
#ifndef PHASE0_TRIAL_H
#define PHASE0_TRIAL_H

#include "catalog.h"

#define TRIALS_MAX 8

/* Returns the number of trials, at most TRIALS_MAX. */
int trial_count(void);

/* Returns the catalog entry of trial number n: its name and its use. */
const struct catalog_entry *trial_entry(int n);

/* Runs trial number n on a new ring.
 *
 * Returns  0        it works
 *          -EINVAL  the kernel does not know the operation
 *          other    -errno of a refusal */
int trial_run(int n);

/* Tries the set-up flag with number bit, together with the flags that it
 * requires. Returns the same as trial_run. */
int trial_flag(int bit);

#endif
