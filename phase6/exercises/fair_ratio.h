/* fair_ratio.h: compares the times of two programs.
 *
 * An exercise of phase 6; see phase6/exercises/README.md. */
#ifndef FAIR_RATIO_H
#define FAIR_RATIO_H

#include <stdbool.h>
#include <stdint.h>

#define FAIR_ROUNDS_MAX 99

/* Ratios in thousandths, rounded down: 500 is half of the time. */
struct fair_ratio {
    unsigned median;
    unsigned low, high; /* a quarter of the ratios is below, and above */
    bool is_shown;      /* 1000 is not between low and high */
};

/* Compares the times of rounds runs: in round i, the old program took
 * old_ns[i], and the new program took new_ns[i]. The ratio of a round is new
 * divided by old. rounds is odd, and at most FAIR_ROUNDS_MAX. In the sorted
 * ratios, low is number rounds / 4, and high is number rounds - 1 - rounds / 4,
 * counted from 0. */
struct fair_ratio fair_ratio(const uint64_t *old_ns, const uint64_t *new_ns,
                             unsigned rounds);

#endif
