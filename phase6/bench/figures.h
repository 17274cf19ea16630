/* figures.h: the measurements of the strategies, and their statistics.
 *
 * A row has the figures of one strategy, in every round. The ratio compares its
 * wall time with that of the first row in the same round. Other load on the
 * machine affects both, so the ratio changes less than the times do. */
#ifndef PHASE6_FIGURES_H
#define PHASE6_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "bench_options.h"

/* bench_json.c has their names, in this order. */
enum figure {
    FIGURE_RATIO, /* in thousandths */
    FIGURE_SETUP, /* ns */
    FIGURE_WALL,  /* ns */
    FIGURE_CPU,   /* ns */
    FIGURE_THREADS,
    FIGURE_WORKERS, /* those of the threads that are io-wq workers */
    FIGURE_RSS,     /* bytes */
    FIGURE_CALLS,
    FIGURES_COUNT
};

struct row {
    const struct strategy *strategy; /* borrowed */
    uint64_t values[FIGURES_COUNT][BENCH_ROUNDS_MAX];
    int count;         /* rounds that were measured */
    uint64_t bytes;    /* of the last run */
    uint64_t sum;      /* of the last run, if it was wanted */
    char reason[128];  /* why it could not be measured, or "" */
};

/* The median, and the quartiles: half of the values are between low and
 * high. */
struct spread {
    uint64_t median, low, high;
};

/* Adds the outcome of a run as the next round of row. */
void figures_add(struct row *row, const struct outcome *outcome);

/* Computes the ratios of count rows to first, which is one of them, and sorts
 * the values. All rows without a reason have the same number of rounds. Call it
 * once, after all rounds. */
void figures_finish(struct row *rows, int count, const struct row *first);

/* Returns the spread of one figure of a row, after figures_finish. */
struct spread figures_spread(const struct row *row, enum figure figure);

/* Returns the number of items from which on the strategy is faster than the
 * first one, with the set-up of both. Assumes that every item costs the same:
 * the median of the wall time, divided by items.
 *
 * Returns >= 0  the number of items
 *         -1    never: it is not faster
 *         -2    unknown: the spread of the ratio includes 1 */
int64_t figures_pays_from(const struct row *row, const struct row *first,
                          int items);

#define FIGURES_NEVER (-1)
#define FIGURES_UNKNOWN (-2)

#endif
