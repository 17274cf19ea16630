/* fair_ratio.c: the checker of phase 6's exercise fair_ratio.
 *
 * The times are such that each wrong order of steps gives another number. */
#include "fair_ratio.h"

#include <string.h>

#include "judge.h"

#define ROUNDS 5u
#define MS UINT64_C(1000000)

static struct fair_ratio ask(const uint64_t *old_ns, const uint64_t *new_ns)
{
    uint64_t old_before[ROUNDS], new_before[ROUNDS];
    struct fair_ratio came;

    memcpy(old_before, old_ns, sizeof old_before);
    memcpy(new_before, new_ns, sizeof new_before);
    came = fair_ratio(old_ns, new_ns, ROUNDS);
    judge_that(came.median + came.low + came.high > 0,
               "the stub is unchanged, or it divides before it multiplies: "
               "whole numbers have no 0.9", "median 0");
    judge_bytes(old_ns, old_before, sizeof old_before, "the caller's times "
                "were changed");
    judge_bytes(new_ns, new_before, sizeof new_before, "the caller's times "
                "were changed");
    return came;
}

/* A busy machine: the third round took ten times as long, for both. */
static void check_pairs(void)
{
    static const uint64_t old_ns[ROUNDS] = {10 * MS, 20 * MS, 100 * MS,
                                            40 * MS, 16 * MS};
    static const uint64_t new_ns[ROUNDS] = {9 * MS, 10 * MS, 80 * MS, 30 * MS,
                                            12 * MS};
    struct fair_ratio came;

    judge_run("old 10 20 100 40 16 ms, new 9 10 80 30 12 ms");
    judge_expect("median 750: the ratios are 900 500 800 750 750");
    came = ask(old_ns, new_ns);
    if (came.median == 141000 / 186)
        judge_fail("this is the ratio of the sums: one long round counts most",
                   "median %u", came.median);
    if (came.median == 600)
        judge_fail("this is the ratio of the medians: they are of different "
                   "rounds", "median %u", came.median);
    judge_result(came.median, 750, came.median == 1333
                     ? "the ratio is new divided by old"
                     : "the median is the middle of the sorted ratios");
    judge_expect("low 750, high 800");
    judge_result(came.low, 750, "low is number rounds / 4 of the sorted "
                 "ratios");
    judge_result(came.high, 800, "high is number rounds - 1 - rounds / 4 of "
                 "the sorted ratios");
    judge_that(came.is_shown, "1000 is not between low and high", "not shown");
}

static void check_nothing_shown(void)
{
    static const uint64_t old_ns[ROUNDS] = {10 * MS, 10 * MS, 10 * MS, 10 * MS,
                                            10 * MS};
    static const uint64_t new_ns[ROUNDS] = {7 * MS, 8 * MS, 9 * MS, 11 * MS,
                                            12 * MS};

    judge_run("old 10 10 10 10 10 ms, new 7 8 9 11 12 ms");
    judge_expect("median 900, and nothing shown: low 800, high 1100");
    judge_that(!ask(old_ns, new_ns).is_shown, "1000 is between low and high: "
               "a median below 1000 alone shows nothing", "shown");
}

static void check_slower(void)
{
    static const uint64_t old_ns[ROUNDS] = {10 * MS, 10 * MS, 10 * MS, 10 * MS,
                                            10 * MS};
    static const uint64_t new_ns[ROUNDS] = {12 * MS, 13 * MS, 15 * MS, 11 * MS,
                                            12 * MS};

    judge_run("old 10 10 10 10 10 ms, new 12 13 15 11 12 ms");
    judge_expect("shown: the new program is slower");
    judge_that(ask(old_ns, new_ns).is_shown, "a loss that is shown counts, "
               "too", "not shown");
}

static void check_long(void)
{
    static const uint64_t old_ns[ROUNDS] = {1 << 10, 5000 * MS, 7000000 * MS,
                                            500000000 * MS, 1000 * MS};
    uint64_t new_ns[ROUNDS];
    struct fair_ratio came;

    for (unsigned i = 0; i < ROUNDS; i++)
        new_ns[i] = old_ns[i] + old_ns[i] / 2;
    judge_run("times from 1 us to 6 days, and half as long again");
    judge_expect("median, low and high 1500");
    came = ask(old_ns, new_ns);
    judge_that(came.median == 1500 && came.low == 1500 && came.high == 1500,
               "compute in 64 bits: times in ns are long", "another ratio");
}

int main(void)
{
    static const struct judge_case cases[] = {
        {"the ratios of the rounds are compared", check_pairs},
        {"a spread around 1000 shows nothing", check_nothing_shown},
        {"a loss is shown, too", check_slower},
        {"long times do not overflow", check_long},
    };

    return judge_main("fair_ratio", cases, sizeof cases / sizeof *cases);
}
