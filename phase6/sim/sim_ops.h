/* sim_ops.h: all operations in flight, in the order of their submits. */
#ifndef PHASE6_SIM_OPS_H
#define PHASE6_SIM_OPS_H

#include "sim_op.h"

/* Forgets all operations, and makes them a source of events. */
void ops_begin(void);

/* Returns a new operation with a copy of an SQE. ops_remove ends it. */
struct sim_op *ops_add(struct sim_ring *ring, const struct io_uring_sqe *sqe);
void ops_remove(struct sim_op *op);

/* Returns the operation of ring that has been FIRED for the longest time, or
 * NULL. */
struct sim_op *ops_oldest_fired(const struct sim_ring *ring);

/* Returns the newest operation with this user_data besides op that a cancel can
 * find, or NULL. */
struct sim_op *ops_find(const struct sim_op *op, uint64_t user_data);

/* Returns the number of operations of ring that have not completed. If is_named
 * is true, leaves out those whose user_data is 0: the program ignores their
 * completions, so they may overflow the CQ. */
unsigned ops_count(const struct sim_ring *ring, bool is_named);

#endif
