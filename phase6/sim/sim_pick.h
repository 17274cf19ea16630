/* sim_pick.h: every choice of the simulated kernel.
 *
 * A run is a list of choices, and nothing else: no clock, no address and no
 * thread decides anything. So a seed repeats a run, and a loop over all lists
 * of choices tries every order of events. */
#ifndef PHASE6_SIM_PICK_H
#define PHASE6_SIM_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes the choices of the next run depend on seed. */
void pick_random(uint64_t seed);

/* Makes len bytes the choices of the next run. All later choices are those of
 * seed 0. The bytes are borrowed until the run ends. */
void pick_bytes(const unsigned char *bytes, size_t len);

/* Makes the next run the first of all runs: every choice is 0. */
void pick_all(void);

/* Prepares the next run after pick_all. Returns false if all runs are done. */
bool pick_next(void);

/* Returns a number below n, which must be at least 1. */
unsigned pick(unsigned n);

/* Adds an event to the run's fingerprint. */
void pick_note(uint64_t event);

/* Returns the fingerprint of the run's choices and events so far. Two runs with
 * the same seed have the same fingerprint. */
uint64_t pick_fingerprint(void);

#endif
