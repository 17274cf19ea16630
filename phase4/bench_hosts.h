/* bench_hosts.h: hosts for bridge-bench. A host is an event loop that our loop
 * runs inside.
 *
 * These hosts serve only our loop, so their cost is the cost of a bridge. The
 * hosts in the other programs of this phase also do other work. */
#ifndef PHASE4_BENCH_HOSTS_H
#define PHASE4_BENCH_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge.h"

/* Runs the host "epoll" or "uv" until the bridge is idle. bridge->watch decides
 * whether the host watches the bridge or the bridge watches the host. With
 * by_edge, epoll reports each signal of the eventfd once, and the host does not
 * read the eventfd.
 *
 * Returns the number of iterations of the host. Call it only once per process,
 * because it does not release libuv's handles. */
uint64_t bench_hosts_run(const char *name, struct bridge *bridge, bool by_edge);

#endif
