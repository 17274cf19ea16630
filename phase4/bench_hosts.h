/* bench_hosts.h: hosts in which nothing happens but what the guest does.
 *
 * For bridge-bench: what they cost is what a bridge costs. The programs of this
 * phase show how a host with a life of its own is written. */
#ifndef PHASE4_BENCH_HOSTS_H
#define PHASE4_BENCH_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge.h"

/* Runs the host "epoll" or "uv" until the bridge is idle: watching the bridge,
 * or watched by it, as the bridge was made. by_edge: epoll tells each signal of
 * the eventfd once, and nobody reads it.
 *
 * Returns how often the host was awake. Once in a process: of libuv nothing is
 * released. */
uint64_t bench_hosts_run(const char *name, struct bridge *bridge, bool by_edge);

#endif
