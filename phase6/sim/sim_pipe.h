/* sim_pipe.h: pipes and the signalfd of the simulated kernel. */
#ifndef PHASE6_SIM_PIPE_H
#define PHASE6_SIM_PIPE_H

/* Forgets all pipes and signals. */
void pipe_begin(void);

/* Makes a signal pending. The signalfd reports it, once per number. */
void pipe_raise(int signal_number);

#endif
