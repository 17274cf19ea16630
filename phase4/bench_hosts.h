/* bench_hosts.h: hosts that have no work but the guest's.
 *
 * For bridge-bench: their cost is the cost of a bridge. The other programs of
 * this phase show a host with other work. */
#ifndef PHASE4_BENCH_HOSTS_H
#define PHASE4_BENCH_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge.h"

/* Runs the host "epoll" or "uv" until the bridge is idle. The host watches the
 * bridge, or the bridge watches it, as the bridge was made. With by_edge epoll
 * reports each signal of the eventfd once, and the host does not read it.
 *
 * Returns how often the host was awake. Call it once per process: libuv's
 * memory is not released. */
uint64_t bench_hosts_run(const char *name, struct bridge *bridge, bool by_edge);

#endif
