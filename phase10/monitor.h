/* monitor.h: answers for programs that watch the server.
 *
 * What it teaches: two kinds of programs watch a server. The first kind
 * collects numbers and draws them. It tells a counter from a gauge by the TYPE
 * line, and computes rates itself, so a counter only rises. The second kind is
 * a load balancer, which often asks whether it may send more clients. A server
 * that is about to end answers 503, so that its clients go elsewhere in time.
 *
 * Both kinds ask again and again, so their answers are not in the access log.
 *
 * Source: the text format 0.0.4 of Prometheus. */
#ifndef PHASE10_MONITOR_H
#define PHASE10_MONITOR_H

#include <stdbool.h>

#include "counters.h"

#define MONITOR_TEXT_MAX 12288u /* bytes of all counters as text */
#define MONITOR_HEALTH "/healthz"

/* Shared by all rings, and not changed while they run. */
struct monitor {
    const char *metrics; /* borrowed: argv's path; NULL: none */
    bool has_health;     /* MONITOR_HEALTH is answered */
    const struct counters_page *pages; /* borrowed: one per ring */
    unsigned rings;
};

struct answer;

/* Answers a GET or HEAD of one of the two paths.
 *
 * Returns  1       the request is for neither: answer it from the files
 *          0       the response is in the outbox
 *          -errno  the connection cannot be used any more */
int monitor_await_answer(struct answer *answer, bool keep);

#endif
