/* rng.h: pseudo-random numbers that a seed repeats.
 *
 * Test support. Needs: nothing.
 *
 * Set FUZZ_SEED and FUZZ_ROUNDS in the environment to repeat a failure, or to
 * search longer than a suite has time for. */
#ifndef TESTS_RNG_H
#define TESTS_RNG_H

#include <stdint.h>
#include <stdlib.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_option(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static inline struct rng rng_begin(void)
{
    return (struct rng){rng_option("FUZZ_SEED", 1)};
}

/* Adds a constant and mixes the sum, so that no seed is worse than another. */
static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t x = rng->state += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Returns a number in [0, count). */
static inline uint64_t rng_below(struct rng *rng, uint64_t count)
{
    return rng_next(rng) % count;
}

#endif
