/* latency.h: how long each of very many things took, in little memory.
 *
 * Durations are counted in buckets, sixteen to each power of two. So a quantile
 * is exact to one part in sixteen, whether microseconds or minutes, and adding
 * one costs a few instructions. */
#ifndef PHASE8_LATENCY_H
#define PHASE8_LATENCY_H

#include <stdint.h>

#define LATENCY_BUCKETS (64 * 16)

/* Zeroed: nothing was counted. */
struct latency {
    uint64_t count;
    uint64_t max_ns;
    uint32_t buckets[LATENCY_BUCKETS];
};

void latency_add(struct latency *latency, uint64_t ns);

/* The duration that permille of a thousand did not exceed; 0 if nothing was
 * counted. Never more than the longest. */
uint64_t latency_quantile_ns(const struct latency *latency, unsigned permille);

#endif
