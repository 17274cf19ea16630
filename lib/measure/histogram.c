/* histogram.c: counts durations in buckets; see histogram.h.
 * Introduced in phase 6. Needs: histogram.h.
 *
 * What it teaches: one bucket per power of two would be too coarse, because its
 * longest duration would be twice its shortest. So there are 64 buckets from
 * each power of two to the next. A number's bucket follows from the position of
 * its highest set bit and from the six bits after that bit.
 *
 *     1300 is 1010001|0100 in binary. The seven bits before the bar select the
 *     bucket. All numbers from 1296 to 1311 have these seven bits, and differ
 *     only in the four bits after the bar. */
#include "histogram.h"

#include <assert.h>

#define PER_POWER 64u /* buckets per power of two */
#define EXACT_BELOW (2 * PER_POWER)

/* Returns the bucket that counts ns. ns >> shift is from 64 to 127, so the 64
 * buckets of each power of two directly follow those of the previous power. */
static unsigned bucket_of(uint64_t ns)
{
    unsigned shift;

    if (ns < EXACT_BELOW)
        return (unsigned)ns;
    shift = 57 - (unsigned)__builtin_clzll(ns); /* keeps the leading 7 bits */
    return shift * PER_POWER + (unsigned)(ns >> shift);
}

/* Returns the longest duration that bucket counts. */
static uint64_t end_of(unsigned bucket)
{
    unsigned shift;

    if (bucket < EXACT_BELOW)
        return bucket;
    shift = bucket / PER_POWER - 1;
    return ((uint64_t)(bucket - shift * PER_POWER + 1) << shift) - 1;
}

static uint64_t add_or_max(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
    histogram->buckets[bucket_of(ns)]++;
    if (histogram->count == 0 || ns < histogram->min_ns)
        histogram->min_ns = ns;
    if (ns > histogram->max_ns)
        histogram->max_ns = ns;
    histogram->total_ns = add_or_max(histogram->total_ns, ns);
    histogram->count++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (from->count == 0)
        return;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    if (into->count == 0 || from->min_ns < into->min_ns)
        into->min_ns = from->min_ns;
    if (from->max_ns > into->max_ns)
        into->max_ns = from->max_ns;
    into->total_ns = add_or_max(into->total_ns, from->total_ns);
    into->count += from->count;
}

uint64_t histogram_quantile_ns(const struct histogram *histogram,
                               unsigned permille)
{
    uint64_t left, end_ns;
    unsigned bucket = 0;

    assert(permille <= 1000);
    if (histogram->count == 0 || permille == 0)
        return histogram->min_ns;
    /* left is count * permille / 1000, rounded up. The product overflows only
     * if count is above 2^54, which takes years to reach. */
    left = (histogram->count * permille + 999) / 1000;
    while (histogram->buckets[bucket] < left)
        left -= histogram->buckets[bucket++];
    end_ns = end_of(bucket);
    return end_ns < histogram->max_ns ? end_ns : histogram->max_ns;
}

uint64_t histogram_mean_ns(const struct histogram *histogram)
{
    return histogram->count > 0 ? histogram->total_ns / histogram->count : 0;
}

void histogram_write_json(const struct histogram *histogram, struct json *json,
                          const char *key)
{
    const struct {
        const char *name;
        uint64_t value;
    } members[] = {
        {"count", histogram->count},
        {"min_ns", histogram->min_ns},
        {"mean_ns", histogram_mean_ns(histogram)},
        {"p50_ns", histogram_quantile_ns(histogram, 500)},
        {"p90_ns", histogram_quantile_ns(histogram, 900)},
        {"p99_ns", histogram_quantile_ns(histogram, 990)},
        {"p999_ns", histogram_quantile_ns(histogram, 999)},
        {"max_ns", histogram->max_ns},
    };

    json_open(json, key, '{');
    for (unsigned i = 0; i < sizeof members / sizeof *members; i++)
        json_number(json, members[i].name,
                    members[i].value < INT64_MAX ? (int64_t)members[i].value
                                                 : INT64_MAX);
    json_close(json, '}');
}
