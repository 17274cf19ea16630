/* histogram.h: counts durations, and returns their quantiles, in fixed memory.
 * Introduced in phase 6. Needs: json.h.
 *
 *     static struct histogram latencies;
 *
 *     histogram_add(&latencies, sys_now_ns() - began_ns);
 *     p99_ns = histogram_quantile_ns(&latencies, 990);
 *
 * A histogram does not keep the durations. It counts them in buckets. Each
 * duration below 128 ns has its own bucket, so a quantile below 128 ns is
 * exact. From 128 ns on, the durations between two powers of two have 64
 * buckets of equal width. A quantile in these buckets is never smaller than the
 * true quantile, and is larger by less than 1/64 (1.6 percent). The count, the
 * minimum, the maximum, and the mean are exact.
 *
 * A histogram needs 30 KiB of memory. It has no lock: the threads of a program
 * must lock it, or use one per thread and merge them. No function here can fail
 * or suspend a task. Gil Tene's HdrHistogram divides its buckets in the same
 * way. */
#ifndef ONE_RING_HISTOGRAM_H
#define ONE_RING_HISTOGRAM_H

#include <stdint.h>

#include "json.h"

#define HISTOGRAM_BUCKETS (59 * 64)

/* A zeroed histogram is empty. The caller may read the fields, but only the
 * functions below may change them. */
struct histogram {
    uint64_t count;
    uint64_t total_ns; /* the sum, or UINT64_MAX if the sum is larger */
    uint64_t min_ns;   /* 0 while count is 0 */
    uint64_t max_ns;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Counts one duration. Costs a few instructions. */
void histogram_add(struct histogram *histogram, uint64_t ns);

/* Adds the durations of `from` to `into`. The result is the same as if one
 * histogram had counted all durations. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* Returns the quantile: the duration that permille / 1000 of the counted
 * durations do not exceed. 500 is the median, 999 is p99.9, 0 is the minimum,
 * and 1000 is the maximum. Returns 0 if the histogram is empty. */
uint64_t histogram_quantile_ns(const struct histogram *histogram,
                               unsigned permille);

/* Returns the mean, rounded down, or 0 if the histogram is empty. */
uint64_t histogram_mean_ns(const struct histogram *histogram);

/* Writes an object with the members count, min_ns, mean_ns, p50_ns, p90_ns,
 * p99_ns, p999_ns, and max_ns. A number above INT64_MAX becomes INT64_MAX. */
void histogram_write_json(const struct histogram *histogram, struct json *json,
                          const char *key);

#endif
