/* sim_kinds.h: the opcodes that have their own files. */
#ifndef PHASE6_SIM_KINDS_H
#define PHASE6_SIM_KINDS_H

#include "sim_op.h"

/* Returns the time of a timeout, in ns. */
uint64_t kind_time_ns(const struct sim_op *op);

/* For cancels and linked timeouts. */
int kind_run_cancel(struct sim_op *op);
int kind_run_link_timeout(struct sim_op *op);
void kind_prepare_link_timeout(struct sim_op *op);

/* For reads and writes. */
int kind_run_transfer(struct sim_op *op);
void kind_prepare_vector(struct sim_op *op);
void kind_prepare_fixed(struct sim_op *op);

/* For sockets. */
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
