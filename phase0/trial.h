/* trial.h: tests features by using them.
 *
 * A probe lists only the opcodes that the kernel supports. It does not list
 * set-up flags, flags of operations, or kinds of registrations. To test one of
 * these, trial.c uses it once, in a harmless way. The result shows whether the
 * kernel knows the flag or the kind. */
#ifndef PHASE0_TRIAL_H
#define PHASE0_TRIAL_H

#include "catalog.h"

#define TRIALS_MAX 8

/* Returns the number of trials, at most TRIALS_MAX. */
int trial_count(void);

/* Returns the catalog entry of trial n (counted from 0): its name and use. */
const struct catalog_entry *trial_entry(int n);

/* Runs trial n on a new ring.
 *
 * Returns  0        the operation works
 *          -EINVAL  the kernel does not know the operation
 *          other    -errno of a refusal */
int trial_run(int n);

/* Tries the set-up flag 1 << bit, together with the flags that it requires.
 * Returns the same values as trial_run. */
int trial_flag(int bit);

#endif
