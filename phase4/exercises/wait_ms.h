/* wait_ms.h: how long a host may wait.
 *
 * An exercise of phase 4; see phase4/exercises/README.md. */
#ifndef WAIT_MS_H
#define WAIT_MS_H

#include <stdbool.h>
#include <stdint.h>

#define WAIT_MS_NEVER UINT64_MAX

/* Returns the timeout for the host's epoll_wait, in milliseconds.
 *
 * Returns 0    has_more is true, or the next timer is due
 *         > 0  the time until the next timer, or a little more, never less;
 *              at most INT_MAX
 *         -1   no timer is armed: next_ns is WAIT_MS_NEVER */
int wait_ms(bool has_more, uint64_t next_ns, uint64_t now_ns);

#endif
