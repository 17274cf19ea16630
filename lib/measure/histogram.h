/* histogram.h: counts durations, and returns their quantiles, in fixed memory.
 * Introduced in phase 6. Needs: json.h.
 *
 *     static struct histogram latencies;
 *
 *     histogram_add(&latencies, sys_now_ns() - began_ns);
 *     p99_ns = histogram_quantile_ns(&latencies, 990);
 *
 * A histogram does not keep the durations. It counts them in buckets. Each
 * power of two has 64 buckets of equal width, and durations below 128 ns have a
 * bucket each. So a quantile is exact below 128 ns. Above, it is never smaller
 * than the true quantile, and larger by less than 1/64 (1.6 percent). Count,
 * least, greatest, and mean are exact.
 *
 * A histogram has 30 KiB and no owner thread: the caller must lock it, or use
 * one per thread and merge them. No function here can fail or suspend a task.
 * Gil Tene's HdrHistogram has the same buckets. */
#ifndef ONE_RING_HISTOGRAM_H
#define ONE_RING_HISTOGRAM_H

#include <stdint.h>

#include "json.h"

#define HISTOGRAM_BUCKETS (59 * 64)

/* A zeroed histogram is empty. Read the fields; only the functions below may
 * change them. */
struct histogram {
    uint64_t count;
    uint64_t total_ns; /* the sum, or UINT64_MAX if the sum is larger */
    uint64_t min_ns;   /* 0 while count is 0 */
    uint64_t max_ns;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Counts one duration. Costs a few instructions. */
void histogram_add(struct histogram *histogram, uint64_t ns);

/* Adds the durations of from to into. The result is the same as if one
 * histogram had counted all of them. */
void histogram_merge(struct histogram *into, const struct histogram *from);

/* Returns the smallest duration that permille of a thousand durations do not
 * exceed, with the error above: 500 is the median, 999 is p99.9. 0 is the least
 * duration, and 1000 is the greatest. Returns 0 if the histogram is empty. */
uint64_t histogram_quantile_ns(const struct histogram *histogram,
                               unsigned permille);

/* Returns the mean, rounded down, or 0 if the histogram is empty. */
uint64_t histogram_mean_ns(const struct histogram *histogram);

/* Writes an object with the members count, min_ns, mean_ns, p50_ns, p90_ns,
 * p99_ns, p999_ns, and max_ns. A number above INT64_MAX becomes INT64_MAX. */
void histogram_write_json(const struct histogram *histogram, struct json *json,
                          const char *key);

#endif
