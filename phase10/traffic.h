/* traffic.h: the counters of serve, besides those of every server.
 *
 * Only the thread of the ring reads and writes the numbers. counters.h
 * describes how other threads get a copy. */
#ifndef PHASE10_TRAFFIC_H
#define PHASE10_TRAFFIC_H

#include <stdint.h>

#include "counters.h"

/* The counters of one ring. */
struct traffic {
    uint64_t answers[5];  /* by class of status: 1xx to 5xx */
    uint64_t unavailable; /* answers with 503, a part of 5xx */
    uint64_t sent;        /* bytes that sockets have taken */
};

/* Counts an answer with this status, 100 to 599. */
static inline void traffic_count_answer(struct traffic *traffic, int status)
{
    traffic->answers[status / 100 - 1]++;
    traffic->unavailable += status == 503;
}

#define TRAFFIC_COUNTERS 10u
extern const struct counter traffic_counters[TRAFFIC_COUNTERS];

/* Stores the counters in values, for struct counters_more. context is a struct
 * site. */
void traffic_read(void *context, uint64_t *values);

#endif
