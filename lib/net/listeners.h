/* listeners.h: a listening socket for each worker of a service.
 * Introduced in phase 8. Needs: net.h, service.h, worker.h. */
#ifndef ONE_RING_LISTENERS_H
#define ONE_RING_LISTENERS_H

#include "net.h"
#include "service.h"
#include "worker.h"

/* Opens the listeners of count workers, before their threads start. So an
 * address in use is reported only once, and port 0 becomes the same port for
 * all workers. If systemd has passed sockets, the workers get those sockets.
 * Otherwise sets *at to the address actually bound. Suspends.
 *
 * Returns 0       success; each worker owns its listener
 *         -errno  an error; worker_fail has stored it in workers[0] */
int listeners_await_open(const struct service_options *options,
                         struct net_address *at, struct worker *workers,
                         unsigned count);

/* Reports to the program and to systemd that clients can connect to *at, or to
 * the sockets that systemd has passed. */
void listeners_report(const struct service_options *options,
                      const struct net_address *at);

#endif
