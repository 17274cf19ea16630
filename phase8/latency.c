/* latency.c: how long each of very many things took; see latency.h. */
#include "latency.h"

#include <assert.h>

/* The longest duration that a bucket counts. */
static uint64_t end_of(unsigned bucket)
{
    unsigned shift;

    if (bucket < 32)
        return bucket;
    shift = bucket / 16 - 1;
    return ((uint64_t)(bucket - shift * 16 + 1) << shift) - 1;
}

void latency_add(struct latency *latency, uint64_t ns)
{
    unsigned bucket = (unsigned)ns, shift;

    /* Below 16 a bucket each; above, the leading bit and the four behind it. */
    if (ns >= 16) {
        shift = 59 - (unsigned)__builtin_clzll(ns); /* leaves five bits */
        bucket = shift * 16 + (unsigned)(ns >> shift);
    }
    assert(bucket < LATENCY_BUCKETS);
    latency->buckets[bucket]++;
    latency->count++;
    if (ns > latency->max_ns)
        latency->max_ns = ns;
}

uint64_t latency_quantile_ns(const struct latency *latency, unsigned permille)
{
    uint64_t wanted = (latency->count * permille + 999) / 1000, seen = 0;

    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        seen += latency->buckets[i];
        if (seen >= wanted && seen > 0)
            return end_of(i) < latency->max_ns ? end_of(i) : latency->max_ns;
    }
    return 0;
}
