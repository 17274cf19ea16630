/* fair_ratio: what two series of times show.
 *
 * The task: write fair_ratio. fair_ratio.h has its contract.
 *
 *   - The two programs ran in turn. So a moment in which the machine is busy
 *     slows both times of a round, and changes their ratio little.
 *   - Compute the ratio of each round first, and then the median of the ratios.
 *     A ratio of sums, or of medians, compares times of different moments.
 *   - If 1000 is between low and high, or equal to one of them, the runs have
 *     shown nothing.
 *   - A time may be hours long: old and new are below 2^50 ns. */
#include "fair_ratio.h"

struct fair_ratio fair_ratio(const uint64_t *old_ns, const uint64_t *new_ns,
                             unsigned rounds)
{
    return (struct fair_ratio){0}; /* yours */
}
