/* poll_queue.h: which devices a ring with IOPOLL can poll.
 * Introduced in phase 2. Needs: nothing. */
#ifndef PHASE2_POLL_QUEUE_H
#define PHASE2_POLL_QUEUE_H

#include <stdbool.h>

/* Returns true if /sys reports that the queue of fd's device can be polled. */
bool poll_queue_exists(int fd);

#endif
