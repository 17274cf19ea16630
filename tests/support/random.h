/* random.h: pseudo-random numbers, which are the same for the same seed.
 *
 * Test support. Needs: nothing.
 *
 * To replay a failure, set FUZZ_SEED in the environment. To search for longer
 * than a suite does, set FUZZ_ROUNDS. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>
#include <stdlib.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_option(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static inline struct random random_begin(void)
{
    return (struct random){random_option("FUZZ_SEED", 1)};
}

/* Adds a constant and mixes the sum (splitmix64), so any seed is good. */
static inline uint64_t random_next(struct random *random)
{
    uint64_t x = random->state += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* Returns a number from 0 to count - 1. */
static inline uint64_t random_below(struct random *random, uint64_t count)
{
    return random_next(random) % count;
}

#endif
