/* sim_errno.h: the errors of lib/ring/op_error.h, injected. */
#ifndef PHASE6_SIM_ERRNO_H
#define PHASE6_SIM_ERRNO_H

struct sim_op;

/* Allows one error in this run, with KNOB_ERRNO. */
void errno_begin(void);

/* Picks whether op fails now, and picks an error from its rows in the table.
 * Returns -errno, or 0 if op does not fail. */
int errno_inject(const struct sim_op *op);

/* Returns the -errno that was injected in this run, or 0. */
int errno_injected(void);

#endif
