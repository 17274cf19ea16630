/* random.h: numbers that look like chance and come again with their seed.
 *
 * Test support. Needs: nothing.
 *
 * FUZZ_SEED and FUZZ_ROUNDS in the environment replay a failure, or search for
 * longer than a suite has time for. */
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

/* Adds a constant and mixes the sum: every seed is as good as another. */
static inline uint64_t random_next(struct random *random)
{
    uint64_t x = random->state += 0x9e3779b97f4a7c15u;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* One of 0..count-1. */
static inline uint64_t random_below(struct random *random, uint64_t count)
{
    return random_next(random) % count;
}

#endif
