/* echo_udp.h: the part of echo that serves datagrams. */
#ifndef PHASE8_ECHO_UDP_H
#define PHASE8_ECHO_UDP_H

#include "service.h"

/* Returns every datagram to its sender until SIGTERM or SIGINT, with a ring and
 * a socket per thread. Prints "listening on udp://ADDRESS:PORT" on stdout once
 * ready, and counters on stderr after SIGUSR1. Uses the address and the limits
 * sq, cq, bufs and threads of options. Call it once, from main.
 *
 * Returns 0  a signal stopped it
 *         1  it could not bind, start, or continue; a message was printed
 *         2  it could not set up io_uring; a message was printed */
int echo_udp_main(const struct service_options *options);

#endif
