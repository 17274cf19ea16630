/* await_bytes.h: a read that suspends its task.
 *
 * An exercise of phase 3; see phase3/exercises/README.md. */
#ifndef AWAIT_BYTES_H
#define AWAIT_BYTES_H

#include "future.h"
#include "loop.h"

/* Reads from a pipe, and suspends the current task until the read has
 * completed. If the task is cancelled, cancels the read, and waits for its CQE.
 *
 * Returns >= 0        the number of bytes. If a cancel came too late to stop
 *                     the read, the next call reports that cancel
 *         -errno      the read's failure
 *         -ECANCELED  the task was cancelled, and the read has ended without
 *                     bytes. The cancel is not pending any more */
int await_bytes(int pipe, void *buf, unsigned len);

#endif
