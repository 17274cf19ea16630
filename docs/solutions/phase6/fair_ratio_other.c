/* fair_ratio: the same as fair_ratio.c, in another way: it does not sort, but
 * looks for the ratio that has so many smaller ones. */
#include "fair_ratio.h"

static unsigned ratio_of(const uint64_t *old_ns, const uint64_t *new_ns,
                         unsigned i)
{
    return (unsigned)(new_ns[i] * 1000 / old_ns[i]);
}

static unsigned ranked(const uint64_t *old_ns, const uint64_t *new_ns,
                       unsigned rounds, unsigned rank)
{
    for (unsigned i = 0;; i++) {
        unsigned ratio = ratio_of(old_ns, new_ns, i), below = 0, equal = 0;

        for (unsigned j = 0; j < rounds; j++) {
            below += ratio_of(old_ns, new_ns, j) < ratio;
            equal += ratio_of(old_ns, new_ns, j) == ratio;
        }
        if (below <= rank && rank < below + equal)
            return ratio;
    }
}

struct fair_ratio fair_ratio(const uint64_t *old_ns, const uint64_t *new_ns,
                             unsigned rounds)
{
    struct fair_ratio r = {
        .median = ranked(old_ns, new_ns, rounds, rounds / 2),
        .low = ranked(old_ns, new_ns, rounds, rounds / 4),
        .high = ranked(old_ns, new_ns, rounds, rounds - 1 - rounds / 4),
    };

    r.is_shown = !(r.low <= 1000 && 1000 <= r.high);
    return r;
}
