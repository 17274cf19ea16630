/* sim_cancel.h: cancels.
 *
 * A cancel ends an operation that is WAITING, TIMER, QUEUED, or FIRED without a
 * result. An operation that is RUNNING or has a result completes with its own
 * result, and the cancel returns -EALREADY or -ENOENT. A cancel does not find
 * an operation that is LINKED, and no linked timeout. */
#ifndef PHASE6_SIM_CANCEL_H
#define PHASE6_SIM_CANCEL_H

#include <stdint.h>

struct sim_op;

/* Cancels the newest operation with this user_data besides op.
 *
 * Returns 0         the operation ends with -ECANCELED
 *         -ENOENT   no operation has this user_data, or it has its result
 *         -EALREADY a worker performs it */
int cancel_newest(const struct sim_op *op, uint64_t user_data);

#endif
