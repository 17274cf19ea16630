/* fair_ratio: what two series of times show.
 *
 * What it teaches: the pair of a round is what belongs together. Whatever sorts
 * or adds the times before the division takes the pairs apart. */
#include "fair_ratio.h"

#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
    const unsigned *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

struct fair_ratio fair_ratio(const uint64_t *old_ns, const uint64_t *new_ns,
                             unsigned rounds)
{
    unsigned ratios[FAIR_ROUNDS_MAX];
    struct fair_ratio result;

    for (unsigned i = 0; i < rounds; i++)
        ratios[i] = (unsigned)(new_ns[i] * 1000 / old_ns[i]);
    qsort(ratios, rounds, sizeof ratios[0], by_size);
    result.median = ratios[rounds / 2];
    result.low = ratios[rounds / 4];
    result.high = ratios[rounds - 1 - rounds / 4];
    result.is_shown = result.high < 1000 || result.low > 1000;
    return result;
}
