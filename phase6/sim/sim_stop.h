/* sim_stop.h: SIGTERM for a server, at the end or in the middle of its work. */
#ifndef PHASE6_SIM_STOP_H
#define PHASE6_SIM_STOP_H

#include <stdbool.h>

/* SIGTERM will come when are_done returns true, or earlier, with KNOB_STOP. A
 * second one is rare. */
void stop_begin(bool (*are_done)(void));

/* Call it when the server has returned. Fails with "the-stop-is-bounded" if
 * that was later than max_ms after the first signal, and with
 * "the-program-ends-well" if there was no signal, or if code is not 0. */
void stop_check(int code, unsigned max_ms);

#endif
