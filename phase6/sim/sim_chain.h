/* sim_chain.h: operations after a link, and linked timeouts.
 *
 *     [read] --link--> [timeout] --link--> [close]      as submitted
 *
 *     [read] ------------link------------> [close]      as issued
 *        ^------ [timeout]: limits the read
 *
 * Chains are linked lists of operations: op->next. The timeout leaves the list
 * when its operation is issued. */
#ifndef PHASE6_SIM_CHAIN_H
#define PHASE6_SIM_CHAIN_H

#include "sim_op.h"

/* Takes the linked timeout of op, if there is one, out of the chain. Call it
 * before op is issued. */
void chain_find_limit(struct sim_op *op);

/* Starts the linked timeout of op, which waits for an event now. */
void chain_arm_limit(struct sim_op *op);

/* Handles the end of a linked timeout's time. Returns false if op is another
 * kind of timeout. */
bool chain_expire(struct sim_op *op);

/* Decides about the operations behind op, which has its result: issues the
 * next one, or cancels all of them. Ends the linked timeout of op. */
void chain_go_on(struct sim_op *op, bool is_failed);

#endif
