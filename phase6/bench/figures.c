/* figures.c: the statistics of what was measured; see figures.h. */
#include "figures.h"

#include <stdlib.h>

void figures_add(struct row *row, const struct outcome *outcome)
{
    int round = row->count++;

    row->values[FIGURE_SETUP][round] = outcome->setup_ns;
    row->values[FIGURE_WALL][round] = outcome->wall_ns;
    row->values[FIGURE_CPU][round] = outcome->cpu_ns;
    row->values[FIGURE_THREADS][round] = outcome->threads;
    row->values[FIGURE_WORKERS][round] = outcome->workers;
    row->values[FIGURE_RSS][round] = outcome->rss_len;
    row->values[FIGURE_CALLS][round] = outcome->calls;
}

/* Ascending, for qsort. */
static int figures_compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

void figures_finish(struct row *rows, int count, const struct row *first)
{
    /* All ratios come before any sorting, which loses the order of rounds. */
    for (int i = 0; i < count; i++) {
        for (int round = 0; round < rows[i].count; round++) {
            uint64_t wall_ns = first->values[FIGURE_WALL][round];

            rows[i].values[FIGURE_RATIO][round] =
                wall_ns > 0
                    ? rows[i].values[FIGURE_WALL][round] * 1000 / wall_ns
                    : 1000;
        }
    }
    for (int i = 0; i < count; i++)
        for (int figure = 0; figure < FIGURES_COUNT; figure++)
            qsort(rows[i].values[figure], (size_t)rows[i].count,
                  sizeof(uint64_t), figures_compare);
}

struct spread figures_spread(const struct row *row, enum figure figure)
{
    const uint64_t *values = row->values[figure];
    int last = row->count - 1;

    /* The quartiles are rounded outwards: of 11 values, the third and the
     * ninth. So few rounds never look more certain than they are. */
    return (struct spread){.low = values[last / 4],
                           .median = values[(last + 1) / 2],
                           .high = values[last - last / 4]};
}

int64_t figures_pays_from(const struct row *row, const struct row *first,
                          int items)
{
    struct spread ratio = figures_spread(row, FIGURE_RATIO);
    int64_t setup = (int64_t)figures_spread(row, FIGURE_SETUP).median -
                    (int64_t)figures_spread(first, FIGURE_SETUP).median;
    int64_t saved = (int64_t)figures_spread(first, FIGURE_WALL).median -
                    (int64_t)figures_spread(row, FIGURE_WALL).median;

    if (ratio.low > 1000)
        return FIGURES_NEVER;
    if (ratio.high >= 1000 || saved <= 0)
        return FIGURES_UNKNOWN;
    return setup <= 0 ? 0 : (setup * items + saved - 1) / saved;
}
