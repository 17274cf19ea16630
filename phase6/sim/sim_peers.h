/* sim_peers.h: the clients of an echo server.
 *
 * Each peer sends bytes that only it sends, and checks those that come back. It
 * may be slow, stop reading, end its side early or reset the connection. */
#ifndef PHASE6_SIM_PEERS_H
#define PHASE6_SIM_PEERS_H

#include <stdbool.h>

/* Makes up to count_max peers. They connect one by one. */
void peers_begin(unsigned count_max);

/* Returns true if no peer has an event to offer until the program acts. */
bool peers_are_done(void);

/* Fails with "every-client-served" if a peer is still connected, or, in a run
 * without faults of peers and of the clock, if a peer was not served to its
 * end. */
void peers_check_end(void);

#endif
