/* child_probe.h: tests in a child whether io_uring calls kill the caller. */
#ifndef PHASE0_CHILD_PROBE_H
#define PHASE0_CHILD_PROBE_H

#include <stdbool.h>

/* Returns true if SIGSYS kills a process that calls io_uring. Some seccomp
 * filters kill the caller instead of returning an error. If this returns true,
 * do not call io_uring at all. */
bool child_probe_is_killed(void);

#endif
