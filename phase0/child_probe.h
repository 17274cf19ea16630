/* child_probe.h: find out in a child whether asking is deadly. */
#ifndef PHASE0_CANARY_H
#define PHASE0_CANARY_H

#include <stdbool.h>

/* Whether a process that calls io_uring is killed for it (SIGSYS). Some seccomp
 * filters kill instead of answering; then nothing may be asked at all. */
bool child_probe_is_killed(void);

#endif
