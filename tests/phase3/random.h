/* random.h: numbers that are the same in every run.
 *
 * Test support. Needs: nothing. Source: Marsaglia, "Xorshift RNGs", 2003. */
#ifndef TESTS_PHASE3_RANDOM_H
#define TESTS_PHASE3_RANDOM_H

#include <stdint.h>

/* state is not 0. Returns a number below limit. */
static inline uint64_t random_below(uint64_t *state, uint64_t limit)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state % limit;
}

#endif
