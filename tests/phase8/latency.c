/* latency.c: quantiles of very many durations, exact to one part in sixteen. */
#include "latency.h"

#include <stdlib.h>

#include "suite.h"

static struct latency latency;

static void add_range(uint64_t from, uint64_t to)
{
    for (uint64_t ns = from; ns <= to; ns++)
        latency_add(&latency, ns);
}

/* Never below the true one, and above it by a sixteenth at most. */
static void check_quantile(unsigned permille, uint64_t exact)
{
    uint64_t is = latency_quantile_ns(&latency, permille);

    ck_assert_msg(is >= exact && is <= exact + exact / 16,
                  "quantile %u is %llu, not %llu", permille,
                  (unsigned long long)is, (unsigned long long)exact);
}

TEST(an_empty_histogram_has_no_quantiles)
{
    ck_assert_uint_eq(latency_quantile_ns(&latency, 500), 0);
    ck_assert_uint_eq(latency_quantile_ns(&latency, 1000), 0);
}

TEST(one_duration_is_every_quantile)
{
    static const uint64_t durations[] = {
        0, 1, 15, 16, 17, 31, 32, 33, 1000, 123456789, UINT64_MAX / 2 + 1,
        UINT64_MAX,
    };

    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        latency = (struct latency){0};
        latency_add(&latency, durations[i]);
        ck_assert_uint_eq(latency_quantile_ns(&latency, 1), durations[i]);
        ck_assert_uint_eq(latency_quantile_ns(&latency, 1000), durations[i]);
        ck_assert_uint_eq(latency.max_ns, durations[i]);
    }
}

TEST(small_durations_are_exact)
{
    add_range(1, 20);
    ck_assert_uint_eq(latency_quantile_ns(&latency, 50), 1);
    ck_assert_uint_eq(latency_quantile_ns(&latency, 500), 10);
    ck_assert_uint_eq(latency_quantile_ns(&latency, 1000), 20);
}

TEST(large_durations_are_exact_to_a_sixteenth)
{
    add_range(1, 1000000);
    ck_assert_uint_eq(latency.count, 1000000);
    for (unsigned permille = 1; permille <= 1000; permille++)
        check_quantile(permille, permille * 1000);
}

TEST(a_rare_long_duration_shows_only_in_the_last_quantiles)
{
    add_range(100, 100 + 998);
    latency_add(&latency, 5000000000);
    check_quantile(999, 100 + 998);
    ck_assert_uint_eq(latency_quantile_ns(&latency, 1000), 5000000000);
}

int main(void)
{
    suite_begin("latency");
    suite_add(an_empty_histogram_has_no_quantiles);
    suite_add(one_duration_is_every_quantile);
    suite_add(small_durations_are_exact);
    suite_add(large_durations_are_exact_to_a_sixteenth);
    suite_add(a_rare_long_duration_shows_only_in_the_last_quantiles);
    return suite_end();
}
