/* traffic.c: the counters of serve; see traffic.h. */
#include "traffic.h"

#include "site.h"

/* traffic_read stores the values in this order. */
const struct counter traffic_counters[TRAFFIC_COUNTERS] = {
    {"requests_1xx", "Answers with a status from 100 to 199.", false},
    {"requests_2xx", "Answers with a status from 200 to 299.", false},
    {"requests_3xx", "Answers with a status from 300 to 399.", false},
    {"requests_4xx", "Answers with a status from 400 to 499.", false},
    {"requests_5xx", "Answers with a status from 500 to 599.", false},
    {"requests_503", "Answers with the status 503.", false},
    {"sent_bytes", "Bytes that the sockets of clients have taken.", false},
    {"cache_hits", "Requests for which a copy was in memory.", false},
    {"cache_misses", "Requests for which a file was opened.", false},
    {"log_dropped", "Lines that are missing in the access log.", false},
};

void traffic_read(void *context, uint64_t *values)
{
    const struct site *site = context;
    const struct traffic *traffic = &site->traffic;

    for (unsigned i = 0; i < 5; i++)
        *values++ = traffic->answers[i];
    *values++ = traffic->unavailable;
    *values++ = traffic->sent;
    *values++ = site->cache.hits;
    *values++ = site->cache.misses;
    *values++ = site->log.dropped;
}
