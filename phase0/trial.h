/* trial.h: what can only be learnt by trying.
 *
 * Flags of single operations, kinds of registrations, set-up flags: the kernel
 * has no list of these. Each is used once, on something where it can do no
 * harm, and the errno tells whether the kernel knew what was meant. */
#ifndef PHASE0_TRIAL_H
#define PHASE0_TRIAL_H

#include "catalog.h"

#define TRIALS_MAX 8

/* How many there are, at most TRIALS_MAX. */
int trial_count(void);

/* The name of trial number n, and what is lost where it fails. */
const struct catalog_entry *trial_entry(int n);

/* Runs trial number n on a new ring.
 *
 * Returns  0        it works
 *          -EINVAL  the kernel does not know the operation
 *          -errno   something refused it */
int trial_run(int n);

/* Tries the set-up flag with bit number bit, with the companions that it
 * cannot be without. Returns as trial_run does. */
int trial_flag(int bit);

#endif
