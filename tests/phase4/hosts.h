/* hosts.h: runs a test once with each kind of foreign host: with an eventfd on
 * a ring with DEFER_TASKRUN (which is read, or reported by edges) and on a
 * plain one, with the plain ring's own fd, and with both rings watching the
 * host.
 *
 * Test support of phase 4. Needs: foreign.h. */
#ifndef TESTS_PHASE4_HOSTS_H
#define TESTS_PHASE4_HOSTS_H

#include "foreign.h"

/* test(host), once with each kind of host. */
static inline void with_every_kind(struct ring_options ring,
                                   void (*test)(struct host *host))
{
    for (unsigned i = 0; i < HOST_KINDS; i++) {
        struct host host;

        host_init(&host, &host_kinds[i], ring);
        test(&host);
        host_finish(&host);
    }
}

static inline int await_some_nops(void *arg)
{
    for (int i = 0; i < *(int *)arg; i++)
        check_res(await_nop(), 0);
    return *(int *)arg;
}

/* A pipe, and how much the ticker lets pass before it writes to it. */
struct late {
    int fds[2];
    unsigned ticks;
    unsigned ticks_at_read; /* when the reader had its byte */
    struct host *host;      /* borrowed */
};

static inline int await_byte(void *arg)
{
    struct late *late = arg;
    char byte = 0;

    check_res(await_read(late->fds[0], &byte, 1, AWAIT_STREAM), 1);
    late->ticks_at_read = late->host->ticks;
    return byte;
}

static inline void write_after_ticks(struct host *host)
{
    struct late *late = host->arg;

    if (host->ticks == late->ticks) {
        check(loop_in_flight(&host->loop) == 1);
        check(write(late->fds[1], "x", 1) == 1);
        host_tick(host, false);
    }
}

#endif
