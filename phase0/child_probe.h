/* child_probe.h: finds out in a child whether io_uring calls are deadly. */
#ifndef PHASE0_CHILD_PROBE_H
#define PHASE0_CHILD_PROBE_H

#include <stdbool.h>

/* Whether a process that calls io_uring is killed for it (SIGSYS). Some seccomp
 * filters kill instead of answering; then nothing may be asked at all. */
bool child_probe_is_killed(void);

#endif
