/* rounding.h: how this context rounds, as reported and as observed.
 *
 * Test support. Needs: nothing.
 *
 * x86-64 has two floating-point units, and each has its own rounding mode.
 * fegetround() reads the mode of one unit. The other unit divides. */
#ifndef TESTS_PHASE3_ROUNDING_H
#define TESTS_PHASE3_ROUNDING_H

#include <fenv.h>

/* A third, upwards and downwards; to nearest it is the same on both sides of
 * zero. Volatile, or the compiler does it. */
static inline int rounding_of_divisions(void)
{
    volatile double one = 1, minus_one = -1, three = 3;
    volatile double third = one / three, minus_third = minus_one / three;

    if (third > -minus_third)
        return FE_UPWARD;
    return third < -minus_third ? FE_DOWNWARD : FE_TONEAREST;
}

/* FE_UPWARD, FE_DOWNWARD or FE_TONEAREST; -1 if the two units disagree. */
static inline int rounding(void)
{
    return fegetround() == rounding_of_divisions() ? fegetround() : -1;
}

#endif
