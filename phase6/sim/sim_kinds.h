/* sim_kinds.h: the opcodes for sockets, which are in sim_net_kinds.c. */
#ifndef PHASE6_SIM_KINDS_H
#define PHASE6_SIM_KINDS_H

#include "sim_op.h"

int kind_run_accept(struct sim_op *op);
int kind_run_recv(struct sim_op *op);
int kind_run_send(struct sim_op *op);

#endif
