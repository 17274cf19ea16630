/* sim_kinds.h: the opcodes for sockets and for files by name, which have their
 * own files. */
#ifndef PHASE6_SIM_KINDS_H
#define PHASE6_SIM_KINDS_H

#include "sim_op.h"

int kind_run_accept(struct sim_op *op);
int kind_run_recv(struct sim_op *op);
int kind_run_send(struct sim_op *op);
int kind_run_shutdown(struct sim_op *op);
void kind_prepare_sendmsg(struct sim_op *op);

/* For files by name. */
int kind_run_openat(struct sim_op *op);
int kind_run_statx(struct sim_op *op);
void kind_prepare_openat(struct sim_op *op);
void kind_prepare_openat2(struct sim_op *op);
void kind_prepare_statx(struct sim_op *op);

#endif
