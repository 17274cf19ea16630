/* counters.h: the counters of a server, for its operator.
 * Introduced in phase 8. Needs: nothing.
 *
 * Each ring counts for itself, in plain variables of its thread. There are two
 * ways to read them:
 *
 *     SIGUSR1   --post--> the ring's thread prints its counters
 *     /metrics  one ring answers for all rings
 *
 * For /metrics, each ring publishes a copy of its counters on a page of atomic
 * variables. It does so when it accepts a connection, and whenever a
 * connection's task ends. Other threads read the page at any time. A page is
 * not a snapshot: a reader may get one counter from before an event, and
 * another counter from after it. */
#ifndef ONE_RING_COUNTERS_H
#define ONE_RING_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Describes a counter. A gauge is a counter whose value can fall. */
struct counter {
    const char *name, *help; /* static; name is lower case, with "_" */
    bool is_gauge;
};

/* The counters of every server: their number, and their description. */
#define SERVER_COUNTERS 19u
extern const struct counter server_counters[SERVER_COUNTERS];

#define COUNTERS_MAX 48u /* a server's, and the program's */

/* The counters of one ring: first those of the server, in the order of
 * server_counters, then those of the program. Only the ring's thread writes
 * them. */
struct counters_page {
    _Atomic uint64_t values[COUNTERS_MAX];
};

/* The counters that a program adds to those of its servers. */
struct counters_more {
    const struct counter *counters; /* borrowed, static */
    unsigned count;
    /* Stores the program's counters of one ring in values. context is the
     * context of the ring's server. The ring's thread calls this. */
    void (*read)(void *context, uint64_t *values);
    struct counters_page *pages; /* borrowed: one per ring, zeroed */
};

struct server;

/* Copies the counters to the ring's page, if the program has pages. Only the
 * ring's thread may call it. Does not suspend. */
void server_publish_counters(const struct server *server);

/* Prints the counters on stderr, as lines "name value". Only the ring's thread
 * may call it. Does not suspend. */
void server_print_counters(const struct server *server);

/* Returns the sum of a counter over the pages of count rings. Any thread may
 * call it. */
uint64_t counters_sum(const struct counters_page *pages, unsigned count,
                      unsigned index);

#endif
